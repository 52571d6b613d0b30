package dev.millpond.cli;

import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/**
 * A progress bar on standard error: only if that is a terminal, which the launcher tells, and only for what takes
 * longer than half a second.
 */
final class Progress implements AutoCloseable {

    private static final boolean TERMINAL = Boolean.getBoolean("millpond.terminal");
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int WIDTH = 78;

    private final String task;
    private final long total;
    private final long startedAt = System.nanoTime();
    private @Nullable ProgressBar bar;

    Progress(String task, long total) {
        this.task = task;
        this.total = total;
    }

    /** To be called now and then by one thread. */
    void at(long done) {
        if (bar == null && TERMINAL && System.nanoTime() - startedAt > PATIENCE) {
            bar = new ProgressBarBuilder()
                    .setTaskName(task)
                    .setInitialMax(total)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(100)
                    .clearDisplayOnFinish()
                    .setMaxRenderedLength(WIDTH)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err, WIDTH))
                    .build();
        }
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
