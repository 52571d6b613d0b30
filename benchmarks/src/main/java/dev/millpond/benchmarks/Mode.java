package dev.millpond.benchmarks;

/** How a client is called. */
enum Mode {
    /** As many requests in flight, without a thread each. */
    ASYNC,
    /** As many platform threads, each waiting for its response. */
    BLOCKING,
    /** The same with virtual threads. */
    VIRTUAL
}
