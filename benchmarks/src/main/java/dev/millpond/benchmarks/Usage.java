package dev.millpond.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** What this process has used up so far; the difference of two is what happened between them. */
final class Usage {

    private static final OperatingSystemMXBean SYSTEM =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    private final long cpuNanos = SYSTEM.getProcessCpuTime();
    private final Map<Long, Long> allocated = allocatedByThread();

    static Usage now() {
        return new Usage();
    }

    long cpuNanosSince(Usage earlier) {
        return cpuNanos - earlier.cpuNanos;
    }

    /**
     * Bytes allocated by the threads alive now. What threads have allocated that ended in between is missed: no client
     * ends threads under load. Virtual threads count with their carriers.
     */
    long allocatedSince(Usage earlier) {
        long sum = 0;
        for (Map.Entry<Long, Long> thread : allocated.entrySet()) {
            sum += thread.getValue() - earlier.allocated.getOrDefault(thread.getKey(), 0L);
        }
        return sum;
    }

    private static Map<Long, Long> allocatedByThread() {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        Map<Long, Long> byThread = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            byThread.put(ids[i], Math.max(0, bytes[i]));
        }
        return byThread;
    }

    static long peakThreads() {
        return THREADS.getPeakThreadCount();
    }

    /** From the kernel's account of this process; unknown where it is no Linux. */
    static long peakRssBytes() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException e) {
            // No Linux.
        }
        return Sample.UNKNOWN;
    }
}
