import Testing
@Suite struct Skeleton {}
