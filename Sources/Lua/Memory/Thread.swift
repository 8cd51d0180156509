/// The record of one running call.
struct Frame {
    /// Where on the stack the called function is, and where its registers begin.
    var function: Int32
    var base: Int32
    /// The end of its registers.
    var top: Int32
    /// How many results the caller wants; -1 for all.
    var wanted: Int32
    /// The next instruction, while something else runs.
    var position: CodePointer
    /// How many calls it stands in for, because they ended in a call.
    var tailCalls: Int32 = 0
    /// Whether the machine's loop was entered for it, and ends with it.
    var isFresh: Bool
    var isLua: Bool
}

/// A coroutine, or the main program: a stack of values and the records of its running calls. Both are plain data, so a
/// coroutine that waits needs no thread of the system's.
@safe struct Thread: Equatable {
    enum Status: UInt8 {
        /// Not started, or waiting in `yield`.
        case suspended
        case running
        /// Has resumed another one.
        case normal
        case dead
    }

    @unsafe struct Body {
        var header: Header
        var stack: UnsafeMutablePointer<LuaValue>
        var stackCount: Int
        /// The end of what is in use.
        var top: Int
        var frames: UnsafeMutablePointer<Frame>
        var frameCount: Int
        var frameCapacity: Int
        var openUpvalues: UnsafeMutablePointer<Upvalue.Body>?
        var environment: UnsafeMutablePointer<LuaTable.Body>
        var status: Status
        /// Whether too many calls have been nested, and the error for it is not unwound yet.
        var hasOverflowed: Bool
        /// How deep native calls were nested when it was resumed: only there it may yield.
        var resumeDepth: Int
    }

    /// Slots beyond a frame's end that natives and metamethods may use without asking.
    static let slack = 48
    /// The longest stack.
    static let stackLimit = 12_000_000
    /// What a stack that has become longer is cut back to between two scripts.
    static let usualStack = 1 << 14

    let body: UnsafeMutablePointer<Body>

    @inline(__always)
    static func == (left: Thread, right: Thread) -> Bool { unsafe left.body == right.body }

    @inline(__always) @unsafe
    init(_ body: UnsafeMutablePointer<Body>) { unsafe self.body = body }

    var object: Object { unsafe Object(UnsafeMutableRawPointer(body)) }

    @inline(__always)
    var stack: Slots { unsafe Slots(body.pointee.stack) }
    @inline(__always)
    var stackCount: Int { unsafe body.pointee.stackCount }

    @inline(__always)
    var top: Int {
        get { unsafe body.pointee.top }
        nonmutating set { unsafe body.pointee.top = newValue }
    }

    @inline(__always)
    var frameCount: Int {
        get { unsafe body.pointee.frameCount }
        nonmutating set { unsafe body.pointee.frameCount = newValue }
    }

    /// A running call, by its depth.
    @inline(__always)
    subscript(depth: Int) -> FrameReference { unsafe FrameReference(body.pointee.frames + depth) }

    /// The innermost running call.
    @inline(__always)
    var frame: FrameReference { unsafe FrameReference(body.pointee.frames + (body.pointee.frameCount &- 1)) }

    var status: Status {
        get { unsafe body.pointee.status }
        nonmutating set { unsafe body.pointee.status = newValue }
    }

    var hasOverflowed: Bool {
        get { unsafe body.pointee.hasOverflowed }
        nonmutating set { unsafe body.pointee.hasOverflowed = newValue }
    }

    var resumeDepth: Int {
        get { unsafe body.pointee.resumeDepth }
        nonmutating set { unsafe body.pointee.resumeDepth = newValue }
    }

    var environment: LuaTable {
        get { unsafe LuaTable(body.pointee.environment) }
        nonmutating set { unsafe body.pointee.environment = newValue.body }
    }

    @inline(__always)
    var hasOpenUpvalues: Bool { unsafe body.pointee.openUpvalues != nil }

    var byteCount: Int {
        unsafe MemoryLayout<Body>.size + stackCount * 8 + body.pointee.frameCapacity * MemoryLayout<Frame>.stride
    }

    /// Records a call; false if there is no room.
    @inline(__always)
    fileprivate func push(_ frame: Frame) -> Bool {
        let count = unsafe body.pointee.frameCount
        if unsafe count == body.pointee.frameCapacity { return false }
        unsafe (body.pointee.frames + count).initialize(to: frame)
        unsafe body.pointee.frameCount = count &+ 1
        return true
    }

    fileprivate func growFrames() -> Bool {
        let capacity = unsafe body.pointee.frameCapacity
        guard capacity < LuaState.handlerCallLimit else { return false }
        resizeFrames(min(capacity * 2, LuaState.handlerCallLimit))
        return true
    }

    private func resizeFrames(_ capacity: Int) {
        let frames = UnsafeMutablePointer<Frame>.allocate(capacity: capacity)
        unsafe frames.update(from: body.pointee.frames, count: frameCount)
        unsafe body.pointee.frames.deallocate()
        unsafe body.pointee.frames = frames
        unsafe body.pointee.frameCapacity = capacity
    }

    /// Moves the stack to where it has room; what pointed into it must be asked for again.
    func growStack(to count: Int) {
        let old = unsafe body.pointee.stack
        let larger = Slots.allocate(count)
        unsafe larger.copy(from: Slots(old), count: stackCount)
        larger.fill(.nil, from: stackCount, to: count)
        var open = unsafe body.pointee.openUpvalues
        while let upvalue = unsafe open {
            unsafe upvalue.pointee.location = larger.pointer + (upvalue.pointee.location - old)
            unsafe open = upvalue.pointee.nextOpen
        }
        unsafe old.deallocate()
        unsafe body.pointee.stack = larger.pointer
        unsafe body.pointee.stackCount = count
    }

    /// Gives back what only a very deep recursion needs, when nothing runs.
    func shrink() {
        guard stackCount > Thread.usualStack, frameCount == 0, top <= Thread.slack else { return }
        let smaller = Slots.allocate(Thread.usualStack)
        smaller.copy(from: stack, count: top)
        smaller.fill(.nil, from: top, to: Thread.usualStack)
        stack.deallocate()
        unsafe body.pointee.stack = smaller.pointer
        unsafe body.pointee.stackCount = Thread.usualStack
        resizeFrames(8)
    }

    func deallocatePayload() {
        unsafe body.pointee.stack.deallocate()
        unsafe body.pointee.frames.deallocate()
    }

    /// Closes the variables from a place of the stack on.
    @inline(never)
    func closeUpvalues(from index: Int) {
        let limit = unsafe body.pointee.stack + index
        while let upvalue = unsafe body.pointee.openUpvalues, unsafe upvalue.pointee.location >= limit {
            unsafe body.pointee.openUpvalues = upvalue.pointee.nextOpen
            unsafe Upvalue(upvalue).close()
        }
    }
}

/// A place in a thread's list of calls.
@safe struct FrameReference {
    private let pointer: UnsafeMutablePointer<Frame>

    @inline(__always) @unsafe
    init(_ pointer: UnsafeMutablePointer<Frame>) { unsafe self.pointer = pointer }

    @inline(__always)
    var function: Int {
        get { unsafe Int(pointer.pointee.function) }
        nonmutating set { unsafe pointer.pointee.function = Int32(truncatingIfNeeded: newValue) }
    }

    @inline(__always)
    var base: Int {
        get { unsafe Int(pointer.pointee.base) }
        nonmutating set { unsafe pointer.pointee.base = Int32(truncatingIfNeeded: newValue) }
    }

    @inline(__always)
    var top: Int {
        get { unsafe Int(pointer.pointee.top) }
        nonmutating set { unsafe pointer.pointee.top = Int32(truncatingIfNeeded: newValue) }
    }

    @inline(__always)
    var wanted: Int { unsafe Int(pointer.pointee.wanted) }

    @inline(__always)
    var position: CodePointer {
        get { unsafe pointer.pointee.position }
        nonmutating set { unsafe pointer.pointee.position = newValue }
    }

    @inline(__always)
    var isFresh: Bool { unsafe pointer.pointee.isFresh }
    @inline(__always)
    var isLua: Bool { unsafe pointer.pointee.isLua }

    var tailCalls: Int {
        get { unsafe Int(pointer.pointee.tailCalls) }
        nonmutating set { unsafe pointer.pointee.tailCalls = Int32(truncatingIfNeeded: newValue) }
    }
}

extension LuaState {
    func makeThread(environment: LuaTable) -> Thread {
        let body = unsafe allocate(MemoryLayout<Thread.Body>.size).assumingMemoryBound(to: Thread.Body.self)
        let stackCount = Thread.slack * 2
        let stack = Slots.allocate(stackCount)
        stack.fill(.nil, from: 0, to: stackCount)
        unsafe body.initialize(
            to: Thread.Body(
                header: Header(next: nil, kind: .thread, isMarked: false), stack: stack.pointer,
                stackCount: stackCount, top: 0, frames: .allocate(capacity: 8), frameCount: 0, frameCapacity: 8,
                openUpvalues: nil, environment: environment.body, status: .suspended, hasOverflowed: false,
                resumeDepth: 0))
        let thread = unsafe Thread(body)
        unsafe heapBytes += thread.byteCount - MemoryLayout<Thread.Body>.size
        threadCount += 1
        link(thread.object)
        return thread
    }

    /// Records a call; false if there are too many.
    @inline(__always)
    func push(_ frame: Frame, on thread: Thread) -> Bool {
        thread.push(frame) || pushGrowing(frame, thread)
    }

    @inline(never)
    private func pushGrowing(_ frame: Frame, _ thread: Thread) -> Bool {
        let before = thread.byteCount
        guard thread.growFrames() else { return false }
        heapBytes += thread.byteCount - before
        return thread.push(frame)
    }

    /// Makes room on the running thread's stack.
    func growStack(_ room: Int) throws(LuaError) {
        let needed = thread.top + room + Thread.slack
        guard needed <= Thread.stackLimit else { throw error("stack overflow") }
        let before = thread.byteCount
        thread.growStack(to: min(max(thread.stackCount * 2, needed), Thread.stackLimit))
        heapBytes += thread.byteCount - before
    }

    /// The open variable at a place of the running thread's stack, made if there is none.
    func findUpvalue(_ index: Int) -> Upvalue {
        let location = unsafe thread.body.pointee.stack + index
        var previous: UnsafeMutablePointer<Upvalue.Body>?
        var next = unsafe thread.body.pointee.openUpvalues
        while let upvalue = unsafe next, unsafe upvalue.pointee.location >= location {
            if unsafe upvalue.pointee.location == location { return unsafe Upvalue(upvalue) }
            unsafe previous = upvalue
            unsafe next = upvalue.pointee.nextOpen
        }
        let body = unsafe allocate(MemoryLayout<Upvalue.Body>.size).assumingMemoryBound(to: Upvalue.Body.self)
        unsafe body.initialize(
            to: Upvalue.Body(
                header: Header(next: nil, kind: .upvalue, isMarked: false), location: location, closed: .nil,
                nextOpen: next))
        if let previous = unsafe previous {
            unsafe previous.pointee.nextOpen = body
        } else {
            unsafe thread.body.pointee.openUpvalues = body
        }
        let upvalue = unsafe Upvalue(body)
        link(upvalue.object)
        return upvalue
    }
}
