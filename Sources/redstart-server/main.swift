import Glibc
import Redstart

exit(ServerProcess.run(port: CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 6_379 : 6_379))
