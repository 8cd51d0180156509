extension ReplyWriter {
    /// What a container's HELP answers: a line for each subcommand, indented lines of explanation below it.
    func help(_ command: StaticString, _ lines: [StaticString]) {
        array(lines.count + 3)
        simple(command, " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
        for line in lines { simple(line) }
        simple("HELP")
        simple("    Print this help.")
    }
}
