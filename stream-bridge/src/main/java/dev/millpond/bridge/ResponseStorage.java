package dev.millpond.bridge;

import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Where responses are kept: on the heap, within a budget that they share; in files, those that are large or come when
 * the budget is used up. Thread-safe. There is nothing to close: files go with their responses, the rest at exit.
 */
public final class ResponseStorage {

    /** Its actions release memory of the budget and delete files: quick, and in nobody's way. */
    static final Cleaner CLEANER = Cleaner.create(task -> daemon(task, "millpond-cleaner"));

    private static final int WRITERS = 4;

    private final MemoryBudget budget;
    private final long spillThreshold;
    private final SpillDirectory directory;
    private final AtomicInteger files = new AtomicInteger();
    private final LongAdder spilled = new LongAdder();
    private final ThreadPoolExecutor writers = new ThreadPoolExecutor(
            WRITERS,
            WRITERS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> daemon(task, "millpond-spill"));

    /**
     * @param memoryBudget bytes on the heap, of all responses together
     * @param spillThreshold bytes of one response from which on it is kept in a file
     * @param spillDirectory where to make a private directory for those files, once one is needed; leftovers there of
     *     processes that have crashed are deleted now
     */
    public ResponseStorage(long memoryBudget, long spillThreshold, Path spillDirectory) {
        this.budget = new MemoryBudget(memoryBudget);
        this.spillThreshold = spillThreshold;
        this.directory = new SpillDirectory(spillDirectory);
        writers.allowCoreThreadTimeOut(true);
    }

    /** A quarter of the maximum heap, an eighth of that for one response, and the system's temporary directory. */
    public static ResponseStorage withDefaults() {
        long budget = defaultMemoryBudget();
        return new ResponseStorage(budget, defaultSpillThreshold(budget), defaultSpillDirectory());
    }

    public static long defaultMemoryBudget() {
        return Runtime.getRuntime().maxMemory() / 4;
    }

    public static long defaultSpillThreshold(long memoryBudget) {
        return memoryBudget / 8;
    }

    public static Path defaultSpillDirectory() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    public MemoryBudget budget() {
        return budget;
    }

    /** Responses that are kept in files now. */
    public int spilledResponses() {
        return files.get();
    }

    /** Responses that were to be kept in files so far, also those that then were not complete. */
    public long spilledSoFar() {
        return spilled.sum();
    }

    long spillThreshold() {
        return spillThreshold;
    }

    Spill newSpill() {
        spilled.increment();
        return new Spill(directory, files, writers);
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }
}
