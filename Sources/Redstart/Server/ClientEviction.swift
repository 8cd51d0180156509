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
        return max(Int(Double(settings.maxMemory) * Double(-setting) / 100), Engine.leastLimit)
    }

    /// Disconnects clients, the largest first, until the rest is within the limit. Who asked for NO-EVICT counts and
    /// stays.
    func evictClients() {
        guard settings.maxMemoryClients != 0 else { return }
        let limit = clientMemoryLimit
        while clientMemory + clients.count * Engine.clientBaseMemory > limit {
            let candidates = clients.values.filter { !$0.flags.contains(.noEvict) }
            // Of equal ones the older goes, so that the choice can be repeated.
            let largest = candidates.max { ($0.bufferBytes, -$0.id) < ($1.bufferBytes, -$1.id) }
            guard let largest else { return }
            statistics.evictedClients += 1
            log.notice("Evicting client id=\(largest.id), which holds \(largest.bufferBytes) bytes in buffers")
            kill(largest)
        }
    }
}
