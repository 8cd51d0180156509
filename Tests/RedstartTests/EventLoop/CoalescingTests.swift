import Testing

@testable import Redstart

@Suite struct `Letting requests gather` {
    /// A load: what a turn finds and takes, without and with a wait before it.
    private struct Load {
        var pipeline = 16
        var found: (without: Int, with: Int) = (1, 20)
        /// Microseconds for one request.
        var cost: (without: Int, with: Int) = (10, 9)
    }

    private final class Simulation {
        var coalescing = Coalescing()
        let ticks = Ticks()
        var commands = 0
        var microseconds = 1_000
        private var waits = false

        /// Serves so many requests of a load; returns how many waits there were.
        func run(_ load: Load, requests: Int) -> Int {
            var (served, waited) = (0, 0)
            while served < requests {
                let found = waits ? load.found.with : load.found.without
                served += found
                commands += found * load.pipeline
                microseconds += found * (waits ? load.cost.with : load.cost.without)
                let now = ticks.ticks(microseconds: microseconds)
                waits = coalescing.counts(found, commands: commands) && coalescing.waits(after: found, ticks, now: now)
                if waits { waited += 1 }
            }
            return waited
        }
    }

    @Test func `pays for many clients with pipelines, nearly every turn follows a wait`() {
        let simulation = Simulation()
        _ = simulation.run(Load(), requests: 5_000)
        #expect(simulation.run(Load(), requests: 100_000) > 4_700)
    }

    @Test func `is not thought of where clients send a few commands at a time`() {
        #expect(Simulation().run(Load(pipeline: 7), requests: 100_000) == 0)
    }

    @Test func `is given up soon where hardly anybody comes meanwhile, and tried ever less`() {
        let simulation = Simulation()
        let load = Load(found: (1, 1), cost: (30, 110))
        #expect(simulation.run(load, requests: 5_000) == 16)
        #expect(simulation.run(load, requests: 1_000_000) < 16 * 8)
    }

    @Test func `is given up where less gets done with it, though many come`() {
        let simulation = Simulation()
        let load = Load(cost: (10, 11))
        #expect(simulation.run(load, requests: 1_000_000) < 1_000)
    }

    @Test func `does not outlast the load that it paid for, nor does the verdict against it`() {
        let simulation = Simulation()
        let good = Load()
        let bad = Load(cost: (20, 23))
        _ = simulation.run(good, requests: 50_000)
        #expect(simulation.run(bad, requests: 50_000) < 500)
        #expect(simulation.run(good, requests: 50_000) > 1_800)
    }

    @Test func `is not tried where clients take their time`() {
        #expect(Simulation().run(Load(cost: (50, 40)), requests: 100_000) == 0)
    }
}
