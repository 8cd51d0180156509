extension Record {
    /// The object of this record, where it is one of that class: the kind of the value says which it should be.
    @inline(__always)
    func object<Object: StoredObject>(as type: Object.Type) -> Object? {
        guard let object, Swift.type(of: object) == type else { return nil }
        return unsafe unsafeDowncast(object, to: type)
    }
}
