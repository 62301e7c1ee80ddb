/** Text of `gvm --help`. */
export const USAGE =
  `gvm: the Ghost Virtual Machine, a node that runs WebAssembly modules here and on other nodes

Usage:
  gvm [options]                    a prompt; without a terminal, commands line by line from standard input
  gvm run [options] LINE           one line, such as 'math.add(1,2)'
  gvm exec [options] FILE [-- ARG...]
                                   a WASI command straight from a file, without GPMD
  gvm completions bash|zsh|fish    a script that completes options, nodes and modules

Options:
  --name NAME        the node's name (default: node- and four digits)
  --accept WHO       who may connect: all (default), none, ask, or names separated by commas
  --timeout MS       time limit of a call, in milliseconds (default: 30000)
  --memory BYTES     memory limit of a caller, 64K to 16G; K, M and G may follow the number (default: 512M)
  --executors N      executor processes that there may be at once (default: 8)
  --keep-going       without a terminal: go on after a line that failed
  --home DIR         the store (default: GHOST_HOME, else ~/.ghost-network)
  --gmp-port PORT    GPMD's port for nodes (default: GHOST_GMP_PORT, else 5989)
  -h, --help         this text
  -V, --version      the version

Options of exec:
  --dir HOST::GUEST[:ro|:rw]
                           a copy of the directory HOST, at GUEST; with :rw changes are written back at the end,
                           all or none, also after an error, Ctrl-C or SIGTERM
  --env NAME=VALUE         a variable

Examples:
  gvm
  gvm run 'Node.discover()'
  echo 'math.add(1,2)' | gvm --name calculator
  gvm exec --dir .::/work tool.wasm -- --verbose /work/input.txt

Exit codes:
  0   done
  1   an error, or a line that failed: its code and a sentence are on standard error
  2   wrong usage
  With exec, the lowest 8 bits of what the module exits with; 255 where these are 0 and that is not;
  130, 143 or 129 after SIGINT, SIGTERM or SIGHUP; 1 also when its changes could not be written back.`;
