package dev.millpond.benchmarks.peer;

/** Enough of a response to tell whether it is the right one. */
public record Reply(int status, long length) {}
