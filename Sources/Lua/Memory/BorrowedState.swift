/// A state whose references are not counted: for those who exist only as long as somebody else has it.
@safe struct BorrowedState {
    private unowned(unsafe) let borrowed: LuaState

    @inline(__always)
    init(_ state: LuaState) { unsafe borrowed = state }

    @inline(__always)
    var state: LuaState { unsafe borrowed }
}
