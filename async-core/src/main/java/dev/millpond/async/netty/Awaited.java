package dev.millpond.async.netty;

/** What a thread waits for that leads an event loop. */
interface Awaited {

    /** For how many sockets that are not patient it comes back. */
    int cared();

    /** How long nobody may lead until it comes back, in nanoseconds. */
    long absence();
}
