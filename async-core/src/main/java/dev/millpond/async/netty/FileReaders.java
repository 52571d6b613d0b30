package dev.millpond.async.netty;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads that read files, which may block; none while there is nothing to read. */
final class FileReaders {

    private static final int THREADS = 4;
    private static final int IDLE_SECONDS = 10;

    private FileReaders() {}

    static ThreadPoolExecutor newPool() {
        ThreadPoolExecutor readers = new ThreadPoolExecutor(
                THREADS, THREADS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), FileReaders::newThread);
        readers.allowCoreThreadTimeOut(true);
        return readers;
    }

    private static Thread newThread(Runnable task) {
        Thread thread = new Thread(task, "millpond-file-reader");
        thread.setDaemon(true);
        return thread;
    }
}
