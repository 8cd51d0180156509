import Glibc
import Redstart

exit(ServerProcess.run(arguments: Array(CommandLine.arguments.dropFirst())))
