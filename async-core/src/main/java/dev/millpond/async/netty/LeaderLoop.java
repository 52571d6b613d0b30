package dev.millpond.async.netty;

import dev.millpond.async.EventLoop;
import dev.millpond.async.LedLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An event loop over epoll that a thread which waits for a socket may run meanwhile, in place of the loop's own thread,
 * the keeper: it then deals itself with what it waits for, and nobody has to be woken up (Leader/Followers; Schmidt and
 * others, Pattern-Oriented Software Architecture 2).
 *
 * <p>The leader is the one thread that may touch what belongs to the loop, and the loop's thread in everybody's eyes:
 *
 * <ul>
 *   <li>The keeper lends the loop when a thread would have led it for some exchanges, one at a time, and nobody else
 *       needs it: there are only patient sockets, no tasks, and no timer is due soon.
 *   <li>Nobody leads then until a thread that waits does, or one with something to send, for a moment.
 *   <li>The keeper looks again every 50 ms, and takes over if nobody has led meanwhile. It does at once when a task
 *       comes from elsewhere or a timer is due, and a leader gives way to it.
 * </ul>
 */
final class LeaderLoop extends SingleThreadIoEventLoop implements EventLoop {

    /** As in Netty's own loop. */
    private static final long TASK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** More than a thread is kept waiting for a processor, as a rule: a leader may be one that is. */
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * How long a leader looks for more of a large body before it lets itself be put to sleep, where the last wait was
     * {@link #SHORT}: to be woken up takes longer.
     */
    private static final long LOOKING = TimeUnit.MICROSECONDS.toNanos(50);

    private static final long SHORT = TimeUnit.MICROSECONDS.toNanos(100);

    /** So many exchanges in a row, each by itself, are no chance: there is one caller. */
    private static final int ENOUGH = 4;

    private static final long LONGEST_WAIT = TimeUnit.DAYS.toNanos(1);

    private static final Thread NOT_STARTED = new Thread("not started");

    private final AtomicReference<@Nullable Thread> leader = new AtomicReference<>(NOT_STARTED);
    private final InterruptWatch interrupts = new InterruptWatch(this::endWait);
    private final IoHandlerContext waiting = new Waiting();

    private volatile @Nullable Thread keeper;

    /** Somebody else than the leader has something for the loop: the keeper is to take over. */
    private volatile boolean needed;

    /** The keeper waits until the leader gives up. */
    private volatile boolean asleep;

    /** A thread waited soon after another had what it waited for: it would have led. */
    private volatile boolean missed;

    private volatile long quietSince = System.nanoTime();

    /** How often others than the keeper have led. */
    private volatile int led;

    // The leader's alone.
    private int patientSockets;
    private int exchanges;
    private int missedInARow;
    private long waitUntil;
    private long lookUntil;
    private long lastWait;

    /** @param handlers makes {@link EpollHandler}s */
    LeaderLoop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory handlers) {
        super(parent, executor, handlers);
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return leader.get() == thread;
    }

    @Override
    public void atTurnEnd(Runnable task) {
        // Tasks run after what the selector has brought.
        execute(task);
    }

    /** By the leader: see {@link dev.millpond.async.AsyncSocket#patient}. */
    void patient(boolean more) {
        patientSockets += more ? 1 : -1;
        exchanges += more ? 1 : 0;
    }

    // The keeper.

    @Override
    protected void run() {
        ioHandler().initialize();
        Thread me = Thread.currentThread();
        keeper = me;
        leader.set(me);
        do {
            runIo();
            if (isShuttingDown()) {
                ioHandler().prepareToDestroy();
            }
            runAllTasks(TASK_NANOS);
            if (toBeLent()) {
                lend(me);
            }
        } while (!confirmShutdown());
    }

    private boolean toBeLent() {
        if (!quiet(0)) {
            return false;
        }
        // With several callers at once, one of them would lead, and then give way to the next.
        if (exchanges > 1) {
            missedInARow = 0;
        } else if (missed) {
            missedInARow++;
        }
        missed = false;
        exchanges = 0;
        quietSince = System.nanoTime();
        // Said too late, to one who led before: what it was said for is among the tasks.
        needed = false;
        return missedInARow >= ENOUGH && !busy(0);
    }

    /** Whether all sockets are patient, or so many are not. */
    private boolean quiet(int cared) {
        return getNumOfRegisteredChannels() - patientSockets <= cared;
    }

    /** Whether the loop may not be without a leader. */
    private boolean busy(int cared) {
        return needed || !quiet(cared) || hasTasks() || isShuttingDown() || timerIsNear();
    }

    private boolean timerIsNear() {
        long due = nextScheduledTaskDeadlineNanos();
        return due >= 0 && due - ticker().nanoTime() < PAUSE;
    }

    private void lend(Thread me) {
        leader.set(null);
        if (!noticed()) {
            rest();
        }
        while (!leader.compareAndSet(null, me)) {
            sleep();
        }
        missedInARow = 0;
        needed = false;
    }

    /** What came from elsewhere just before nobody led, and was told to whoever had led until then. */
    private boolean noticed() {
        return pendingTasks() > 0 || isShuttingDown();
    }

    /**
     * Until the loop is needed, or nobody has led it for a while. Doesn't ask a leader to tell when it gives up: beside
     * busy threads the two would wake each other up for every request.
     */
    private void rest() {
        int before;
        do {
            before = led;
            pause();
        } while (!needed && (led != before || leader.get() != null));
    }

    /** Until the loop is needed, but no longer than that. */
    private void pause() {
        long end = System.nanoTime() + PAUSE;
        // It may be unparked for what is over.
        for (long left = PAUSE; left > 0 && !needed; left = end - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
        }
    }

    /** Until the leader gives up. */
    private void sleep() {
        asleep = true;
        // After saying so: a leader that gives up looks then.
        if (leader.get() != null) {
            LockSupport.park(this);
        }
        asleep = false;
    }

    /** Somebody has something for the loop; returns whether its leader has to be woken up for it. */
    boolean need() {
        Thread current = leader.get();
        if (current == Thread.currentThread()) {
            return false;
        }
        if (current != keeper && current != NOT_STARTED) {
            callKeeper();
        }
        return current != null;
    }

    private void callKeeper() {
        needed = true;
        LockSupport.unpark(keeper);
    }

    // Other threads.

    /** See {@link dev.millpond.async.AsyncSocket#lead}. */
    boolean lead(NettySocket socket, BooleanSupplier over, long nanos) {
        if (Thread.currentThread().isInterrupted()) {
            return false;
        }
        if (!tryLead()) {
            miss();
            return false;
        }
        try {
            LedLoop.set(this);
            interrupts.start();
            waitForIt(socket, over, nanos);
        } finally {
            interrupts.stop();
            giveUp(socket);
        }
        return true;
    }

    private void waitForIt(NettySocket socket, BooleanSupplier over, long nanos) {
        long start = System.nanoTime();
        waitUntil = start + Math.min(nanos, LONGEST_WAIT);
        lookUntil = start + (socket.receivesMuch() && lastWait < SHORT ? LOOKING : 0);
        while (!over.getAsBoolean() && mayWait()) {
            turn();
        }
        lastWait = System.nanoTime() - start;
    }

    private void miss() {
        if (!mayLead()) {
            // Whoever led before may have left the loop to the thread that is to read on, which may be this one.
            if (leader.get() == null) {
                callKeeper();
            }
        } else if (!missed && System.nanoTime() - quietSince < PAUSE) {
            missed = true;
        }
    }

    /** See {@link dev.millpond.async.AsyncSocket#catchUp}. */
    void catchUp() {
        if (!tryLead()) {
            return;
        }
        try {
            LedLoop.set(this);
            waitUntil = System.nanoTime();
            lookUntil = waitUntil;
            turn();
        } finally {
            giveUp(0);
        }
    }

    private void turn() {
        ioHandler().run(waiting);
        runOwnTasks();
    }

    /** What the sockets' events have led to. Timers may be anybody's, and so are not run by just any thread. */
    private void runOwnTasks() {
        if (hasScheduledTasks()) {
            needed = true;
        }
        for (Runnable next = needed ? null : pollTask(); next != null; next = pollTask()) {
            safeExecute(next);
        }
    }

    private boolean mayWait() {
        return !needed
                && !isShuttingDown()
                && !Thread.currentThread().isInterrupted()
                && waitUntil - System.nanoTime() > 0;
    }

    /** Runs {@code task} here and now if nobody leads, and else as {@link #execute}. */
    void executeHere(NettySocket socket, Runnable task) {
        if (!tryLead()) {
            execute(task);
            return;
        }
        try {
            LedLoop.set(this);
            if (hasTasks()) {
                execute(task);
            } else {
                task.run();
            }
        } finally {
            giveUp(socket);
        }
    }

    /** Not virtual threads, which would keep their carriers, nor those that lead a loop already. */
    private static boolean mayLead() {
        return !VirtualThreads.is(Thread.currentThread()) && EventLoop.current() == null;
    }

    /** Who does has to give up in any case, also when its stack overflows. */
    private boolean tryLead() {
        return leader.get() == null && !needed && mayLead() && leader.compareAndSet(null, Thread.currentThread());
    }

    /**
     * The thread comes back to lead for this socket, unless it is done with it, or there is still something to send.
     */
    private void giveUp(NettySocket socket) {
        giveUp(!socket.isPatient() && socket.isOpen() && socket.allSent() ? 1 : 0);
    }

    /** @param cared how many sockets that are not patient the calling thread comes back for */
    @SuppressWarnings("NonAtomicVolatileUpdate") // by the leader alone
    private void giveUp(int cared) {
        boolean busy = true;
        try {
            busy = busy(cared);
            LedLoop.set(null);
        } finally {
            led++;
            if (busy) {
                needed = true;
            }
            leader.set(null);
        }
        // After that: who has added a task since has seen this thread lead.
        if (noticed()) {
            needed = true;
        }
        if (needed || asleep) {
            LockSupport.unpark(keeper);
        }
    }

    private void endWait() {
        ((EpollHandler) ioHandler()).endWait();
    }

    /** How long the one that leads may be blocked. */
    private final class Waiting implements IoHandlerContext {

        /** Asked once more after others can see that there is a thread to be woken up. */
        @Override
        public boolean canBlock() {
            return !hasTasks() && !hasScheduledTasks() && mayWait() && lookUntil - System.nanoTime() <= 0;
        }

        @Override
        public long delayNanos(long now) {
            return Math.min(LeaderLoop.this.delayNanos(now), Math.max(0, waitUntil - now));
        }

        @Override
        public long deadlineNanos() {
            return Math.min(LeaderLoop.this.deadlineNanos(), waitUntil - ticker().initialNanoTime());
        }
    }
}
