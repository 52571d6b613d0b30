package dev.millpond.async;

/** Marks the threads of event loops, for {@link AsyncCore#onEventLoop()}. */
public interface EventLoopThread {}
