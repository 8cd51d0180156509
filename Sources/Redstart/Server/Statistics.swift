/// What a server counts: INFO's figures. CONFIG RESETSTAT sets most of them back.
final class Statistics {
    /// Changes to the data since the last save.
    var dirty = 0
    var commandsProcessed = 0
    var connectionsReceived = 0
    var rejectedConnections = 0
    var keyspaceHits = 0
    var keyspaceMisses = 0
    var expiredKeys = 0
    var evictedKeys = 0
    var evictedClients = 0
    var errorReplies = 0
    var netInputBytes = 0
    var netOutputBytes = 0
    var readsProcessed = 0
    var writesProcessed = 0
    var queryBufferDisconnections = 0
    var outputBufferDisconnections = 0
    var lazyFreedObjects = 0
    var loopCycles = 0
    var loopTicks: UInt64 = 0
    var commandTicks: UInt64 = 0
    var peakMemory = 0
    var authenticationDenied = 0
    /// Replies by error code: INFO errorstats.
    var errors: [String: Int] = [:]

    func reset() {
        let (dirty, peak) = (dirty, peakMemory)
        commandsProcessed = 0
        connectionsReceived = 0
        rejectedConnections = 0
        keyspaceHits = 0
        keyspaceMisses = 0
        expiredKeys = 0
        evictedKeys = 0
        evictedClients = 0
        errorReplies = 0
        netInputBytes = 0
        netOutputBytes = 0
        readsProcessed = 0
        writesProcessed = 0
        queryBufferDisconnections = 0
        outputBufferDisconnections = 0
        lazyFreedObjects = 0
        loopCycles = 0
        loopTicks = 0
        commandTicks = 0
        authenticationDenied = 0
        errors = [:]
        self.dirty = dirty
        peakMemory = peak
    }
}
