import Glibc

/// How many random operations each structure goes through beside its model, in all cases of its test together: as many
/// as `REDSTART_OPERATIONS` says in the environment, which is a million in CI, or what is done in a moment.
enum RandomOperations {
    static let count: Int = {
        guard let text = unsafe getenv("REDSTART_OPERATIONS") else { return 100_000 }
        return unsafe Int(String(cString: text)) ?? 100_000
    }()
}
