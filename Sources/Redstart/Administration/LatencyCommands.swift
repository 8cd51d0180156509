extension Command {
    static let latency = Command(
        "LATENCY", .atLeast(2), [], group: .server, since: "2.8.13",
        summary: "Tells of delays, and how long commands took.",
        subcommands: [
            Command(
                "HELP", .exactly(2), [.loading, .stale],
                group: .server, since: "2.8.13", complexity: "O(1)",
                summary: "Explains the subcommands.",
                run: help),
            Command(
                "DOCTOR", .exactly(2), [.admin, .noScript, .loading, .stale],
                group: .server, since: "2.8.13", complexity: "O(1)",
                summary: "Says in words what is known of delays, and what helps.",
                tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
                run: doctor),
            Command(
                "RESET", .atLeast(2), [.admin, .noScript, .loading, .stale],
                arguments: .string("event").optional.multiple,
                group: .server, since: "2.8.13", complexity: "O(1)",
                summary: "Forgets the delays of some events, or of all.",
                tips: ["request_policy:all_nodes", "response_policy:agg_sum"],
                run: reset),
            Command(
                "GRAPH", .exactly(3), [.admin, .noScript, .loading, .stale],
                arguments: .string("event"),
                group: .server, since: "2.8.13", complexity: "O(1)",
                summary: "Draws the delays of an event.",
                tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
                run: graph),
            Command(
                "HISTORY", .exactly(3), [.admin, .noScript, .loading, .stale],
                arguments: .string("event"),
                group: .server, since: "2.8.13", complexity: "O(1)",
                summary: "Answers when an event caused delays, and how long.",
                tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
                run: history),
            Command(
                "LATEST", .exactly(2), [.admin, .noScript, .loading, .stale],
                group: .server, since: "2.8.13", complexity: "O(1)",
                summary: "Answers the latest delay of each event.",
                tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
                run: latest),
            Command(
                "HISTOGRAM", .atLeast(2), [.admin, .noScript, .loading, .stale],
                arguments: .string("command").optional.multiple,
                group: .server, since: "7.0.0",
                complexity: "O(N) where N is the number of commands with latency information being retrieved.",
                summary: "Answers how long commands took, counted by powers of two.",
                tips: ["nondeterministic_output", "request_policy:all_nodes", "response_policy:special"],
                run: histogram),
        ])
}

private func help(_ call: inout Call) {
    call.reply.help(
        "LATENCY",
        [
            "DOCTOR",
            "    Say in words what is known of delays, and what may help.",
            "GRAPH <event>",
            "    Draw the delays of <event> as characters.",
            "HISTOGRAM [<command> ...]",
            "    Answer how many calls took up to how many microseconds, of these commands or of all.",
            "HISTORY <event>",
            "    Answer the delays of <event>: when, and how many milliseconds.",
            "LATEST",
            "    Answer the latest delay of each event.",
            "RESET [<event> ...]",
            "    Forget the delays of these events, or of all.",
        ])
}

// MARK: - Delays

private func event(_ call: inout Call) throws(ReplyError) -> (name: Bytes, event: LatencyEvent?) {
    let name = try call.arguments.next()
    return (name, LatencyEvent(rawValue: String(name)))
}

private func doctor(_ call: inout Call) {
    let report = call.engine.latencyReport
    call.reply.verbatim(Array(report.utf8))
}

private func reset(_ call: inout Call) throws(ReplyError) {
    let monitor = call.engine.latencyMonitor
    var removed = 0
    if call.arguments.isEmpty {
        for event in monitor.events where monitor.remove(event) { removed += 1 }
    }
    while !call.arguments.isEmpty {
        if let event = try event(&call).event, monitor.remove(event) { removed += 1 }
    }
    call.reply.integer(removed)
}

private func graph(_ call: inout Call) throws(ReplyError) {
    let (name, event) = try event(&call)
    guard let event, let series = call.engine.latencyMonitor.series[event] else {
        throw ReplyError("ERR No samples available for event '", quoting: name)
    }
    let graph = LatencyGraph(event, series, now: call.engine.clock.now.seconds)
    call.reply.verbatim(Array(graph.text.utf8))
}

private func history(_ call: inout Call) throws(ReplyError) {
    let event = try event(&call).event
    let samples = event.flatMap { call.engine.latencyMonitor.series[$0]?.samples } ?? Queue()
    call.reply.array(samples.count)
    for sample in samples.all {
        call.reply.array(2)
        call.reply.integer(Int(sample.time))
        call.reply.integer(sample.milliseconds)
    }
}

private func latest(_ call: inout Call) {
    let monitor = call.engine.latencyMonitor
    call.reply.array(monitor.events.count)
    for event in monitor.events {
        guard let series = monitor.series[event], let last = series.samples.last else { continue }
        call.reply.array(4)
        call.reply.bulk(event.rawValue)
        call.reply.integer(Int(last.time))
        call.reply.integer(last.milliseconds)
        call.reply.integer(series.worst)
    }
}

// MARK: - Durations of commands

private func histogram(_ call: inout Call) throws(ReplyError) {
    let commands = call.engine.commands
    var chosen: [CommandID] = []
    if call.arguments.isEmpty { chosen = Array(commands.commands.indices) }
    while !call.arguments.isEmpty {
        guard let id = commands.find(fullName: try call.arguments.next()) else { continue }
        chosen += [id] + commands.subcommands(id)
    }
    let histograms = chosen.compactMap { id in
        call.engine.commandStatistics.histograms[id].map { (commands.fullNames[id], $0) }
    }
    call.reply.map(histograms.count)
    for (name, histogram) in histograms {
        call.reply.bulk(name)
        answer(&call, histogram)
    }
}

private func answer(_ call: inout Call, _ histogram: LatencyHistogram) {
    call.reply.map(2)
    call.reply.bulk("calls")
    call.reply.integer(histogram.total)
    call.reply.bulk("histogram_usec")
    let steps = histogram.powersOfTwo
    call.reply.map(steps.count)
    for step in steps {
        call.reply.integer(Int(step.nanoseconds / 1_000))
        call.reply.integer(step.count)
    }
}
