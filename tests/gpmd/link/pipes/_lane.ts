/** A lane on loopback for tests: laptop dials pi. */
import { makeCertificate, type OwnCertificate } from "../../../../gpmd/link/pipes/lane_certificate.ts";
import { dialLane, type LaneDialOptions } from "../../../../gpmd/link/pipes/dial_lane.ts";
import { LaneServer } from "../../../../gpmd/link/pipes/lane_server.ts";
import type { PipeEnd } from "../../../../gpmd/link/pipes/pipe_end.ts";

/** What happened at the server. */
interface Served {
  readonly device: string;
  readonly end: PipeEnd;
}

/** The two sides of a lane. */
export class LanePair implements AsyncDisposable {
  readonly server: LaneServer;
  /** Those that the server has let in. */
  readonly served: Served[] = [];
  /** Called with each of them. */
  serve: ((device: string, end: PipeEnd) => void) | undefined;
  port = 0;

  private constructor(readonly laptop: OwnCertificate, readonly pi: OwnCertificate, time?: number) {
    this.server = new LaneServer({
      own: pi,
      serve: (device, end) => {
        this.served.push({ device, end });
        this.serve?.(device, end);
      },
      ...(time === undefined ? {} : { time }),
    });
  }

  /** Pi listens, and trusts laptop unless told otherwise. `time` is what its door gives a connection. */
  static async open({ trusts = true, time }: { trusts?: boolean; time?: number } = {}): Promise<LanePair> {
    const pair = new LanePair(await makeCertificate(), await makeCertificate(), time);
    if (trusts) pair.server.trust("laptop", pair.laptop);
    pair.port = await pair.server.listen("127.0.0.1", 0);
    return pair;
  }

  /** Laptop dials pi. */
  dial(options: Partial<LaneDialOptions> = {}): Promise<PipeEnd> {
    const { laptop, pi, port } = this;
    return dialLane({ own: laptop, peer: pi, addresses: ["127.0.0.1"], port, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { end } of this.served) end.abort();
    await this.server.close();
  }
}

/** Resolves when `end` has closed. */
export function closingOf(end: PipeEnd): Promise<void> {
  return new Promise((resolve) => {
    end.receive({ bytes: () => {}, ended: () => end.end(), drained: () => {}, closed: () => resolve() });
    end.resume();
  });
}
