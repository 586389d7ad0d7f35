import Application
import Glibc

exit(Program.run(CommandLine.arguments))
