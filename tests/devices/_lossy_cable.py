"""A bad line between two network namespaces, for kernels without netem: one end of it, a TUN device.

Run in each namespace: _lossy_cable.py OWN_SOCKET OTHER_SOCKET DELAY_MS LOSS. Each packet arrives DELAY_MS later at the other
end, or never with the probability LOSS. It prints a line when the device is there, and ends with its standard input.
"""
import fcntl, heapq, os, random, select, socket, struct, sys, time

own, other, delay, loss = sys.argv[1], sys.argv[2], float(sys.argv[3]) / 1000, float(sys.argv[4])
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"tun0", 0x0001 | 0x1000))  # TUNSETIFF, IFF_TUN | IFF_NO_PI
end = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
end.bind(own)
os.set_blocking(tun, False)
end.setblocking(False)
print("ready", flush=True)
waiting = []
while True:
    now = time.monotonic()
    while waiting and waiting[0][0] <= now:
        try:
            os.write(tun, heapq.heappop(waiting)[1])
        except OSError:
            pass  # the device is down
    rest = max(0, waiting[0][0] - now) if waiting else None
    ready, _, _ = select.select([tun, end, 0], [], [], rest)
    if 0 in ready and not os.read(0, 1):
        break
    for _ in range(64):
        try:
            packet = os.read(tun, 65536) if tun in ready else None
        except BlockingIOError:
            break
        if packet is None:
            break
        if random.random() >= loss:
            try:
                end.sendto(struct.pack("d", time.monotonic()) + packet, other)
            except OSError:
                pass  # the other end is not there, or its queue is full
    for _ in range(64):
        try:
            packet = end.recv(65536 + 8) if end in ready else None
        except BlockingIOError:
            break
        if packet is None:
            break
        heapq.heappush(waiting, (struct.unpack("d", packet[:8])[0] + delay, packet[8:]))
