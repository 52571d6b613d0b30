package dev.millpond.async;

/** The threads of event loops, for {@link AsyncCore#onEventLoop()} and {@link AsyncCore#atTurnEnd}. */
public interface EventLoopThread {

    /** See {@link AsyncCore#atTurnEnd}. By this thread itself only. */
    void atTurnEnd(Runnable task);
}
