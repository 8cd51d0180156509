/// A turn within a turn: what other clients get while a script runs on and on.
extension EventLoop {
    /// Serves what is ready but for `client`, whose command is interrupted here and goes on afterwards. The clock
    /// stands, nothing expires and nobody's time runs out: to all of them no time passes while the command runs.
    func serveOthers(during client: Client) {
        let parsed = (0..<EventLoop.batchSize).map { batch[$0] }
        let (input, wasServing) = unsafe (sharedInput, isServing)
        let state = engine.interrupt()
        unsafe sharedInput = .allocate(byteCount: EventLoop.sharedInputBytes, alignment: 64)
        interrupted = client
        isServing = true

        serveReadyNow()
        sendOutbox()
        sendMessages()

        isServing = wasServing
        interrupted = nil
        unsafe sharedInput.deallocate()
        unsafe sharedInput = input
        // Whoever lent it out gets another one back.
        lender.release()
        engine.resume(state)
        for index in 0..<EventLoop.batchSize { batch[index] = parsed[index] }
    }
}
