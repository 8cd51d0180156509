extension Engine {
    /// Shows a command that is about to run to the clients in MONITOR mode.
    func feedMonitors(_ call: Call) {}
}
