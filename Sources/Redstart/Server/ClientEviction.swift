/// `maxmemory-clients`: where all clients together take too much memory, those that take the most are disconnected.
/// Source: https://redis.io/docs/latest/develop/reference/clients/ (client eviction).
extension Engine {
    /// What a client costs beside its buffers.
    static let clientBaseMemory = 1_024
    /// A lower limit would leave no room to talk to the server and raise it.
    private static let leastLimit = 128 << 10

    private var clientMemoryLimit: Int {
        let setting = settings.maxMemoryClients
        if setting > 0 { return max(setting, Engine.leastLimit) }
        guard settings.maxMemory > 0 else { return .max }
        let (hundredths, rest) = settings.maxMemory.quotientAndRemainder(dividingBy: 100)
        return max(hundredths * -setting + rest * -setting / 100, Engine.leastLimit)
    }

    /// Disconnects clients, the largest first, until the rest is within the limit. Who asked for NO-EVICT counts and
    /// stays. For a server that `limitsClientMemory`.
    func evictClients() {
        let limit = clientMemoryLimit
        var isOver: Bool { clientMemory + clients.count * Engine.clientBaseMemory > limit }
        guard isOver else { return }
        // Of equal ones the older goes, so that the choice can be repeated.
        let candidates = clients.values.filter { !$0.flags.contains(.noEvict) }
            .sorted { ($0.bufferBytes, -$0.id) > ($1.bufferBytes, -$1.id) }
        for largest in candidates {
            guard isOver else { return }
            statistics.evictedClients += 1
            log.notice("Evicting client: \(logLine(of: largest))")
            kill(largest)
        }
    }
}
