extension Engine {
    /// Keeps a command that took long.
    func noteSlow(_ call: Call, _ elapsed: UInt64) {}
}
