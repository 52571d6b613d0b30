package dev.millpond.async.netty;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs callbacks that belong to no socket, and takes what they throw. */
final class Callbacks {

    private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);

    private final Consumer<Throwable> exceptionHandler;

    Callbacks(@Nullable Consumer<Throwable> exceptionHandler) {
        this.exceptionHandler =
                exceptionHandler != null ? exceptionHandler : thrown -> LOG.warn("a callback threw", thrown);
    }

    void run(Runnable callback) {
        try {
            callback.run();
        } catch (Throwable thrown) {
            threw(thrown);
        }
    }

    void threw(Throwable thrown) {
        try {
            exceptionHandler.accept(thrown);
        } catch (Throwable again) {
            again.addSuppressed(thrown);
            LOG.warn("the exception handler threw", again);
        }
    }
}
