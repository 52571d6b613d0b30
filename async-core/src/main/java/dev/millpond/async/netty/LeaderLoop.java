package dev.millpond.async.netty;

import dev.millpond.async.EventLoop;
import dev.millpond.async.LedLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An event loop over epoll that a thread which waits for a socket, or for callbacks to run, may run meanwhile, in place
 * of the loop's own thread, the keeper: it then deals itself with what it waits for, and nobody has to be woken up
 * (Leader/Followers; Schmidt and others, Pattern-Oriented Software Architecture 2).
 *
 * <p>The leader is the one thread that may touch what belongs to the loop, and the loop's thread in everybody's eyes:
 *
 * <ul>
 *   <li>A thread that has waited for some things in a row, one soon after another, asks the keeper for the loop, and
 *       gets it at the end of a turn if nobody else needs it: all other sockets are patient, there are no tasks, and no
 *       timer is due soon.
 *   <li>Whoever leads gives up once what it waited for is there. Nobody leads then until a thread that waits does, or
 *       one with something to send, for a moment.
 *   <li>A thread that runs callbacks waits for any socket. While it runs some, it is absent: see {@link Absence}.
 *   <li>The keeper looks again every 50 ms, and takes over if nobody has led meanwhile. It does at once when a task
 *       comes from elsewhere or a timer is due, and a leader gives way to it.
 * </ul>
 */
final class LeaderLoop extends SingleThreadIoEventLoop implements EventLoop {

    /** As in Netty's own loop. */
    private static final long TASK_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** More than a thread is kept waiting for a processor, as a rule: a leader may be one that is. */
    static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * A leader whose last wait was shorter than this looks for as long for what it waits for, before it lets itself be
     * put to sleep: to be put to sleep and woken up takes about as long.
     */
    private static final long SHORT = TimeUnit.MICROSECONDS.toNanos(75);

    private static final long LONGEST_WAIT = TimeUnit.DAYS.toNanos(1);

    /** Whatever its callbacks wait for. */
    private static final Awaited CALLBACKS = new Awaited() {

        @Override
        public int cared() {
            return 1;
        }

        @Override
        public long absence() {
            return Absence.LONGEST;
        }
    };

    private static final Thread NOT_STARTED = new Thread("not started");

    private final AtomicReference<@Nullable Thread> leader = new AtomicReference<>(NOT_STARTED);
    private final AtomicReference<@Nullable Asker> asker = new AtomicReference<>();
    private final InterruptWatch interrupts = new InterruptWatch(this::endWait);
    private final IoHandlerContext waiting = new Waiting();

    private volatile @Nullable Thread keeper;

    /** Somebody else than the leader has something for the loop: the keeper is to take over. */
    private volatile boolean needed;

    /** The keeper waits until the leader gives up. */
    private volatile boolean asleep;

    /** There are others to be cared for: several callers at once would lead in turn, and each give way to the next. */
    private volatile boolean crowded;

    private final Misses misses = new Misses(PAUSE);
    private final Misses missesOfCallbacks = new Misses(Absence.LONGEST);
    private final Absence absence = new Absence();

    /** How often others than the keeper have led. */
    private volatile int led;

    // The leader's alone.
    private int patientSockets;
    private int exchanges;
    private long waitUntil;
    private long lookUntil;
    private long lastWait;

    /** Where sockets receive. */
    final LoopMemory received = new LoopMemory(Receiver.MOST);

    /** Where what is to be sent is copied to, if it isn't large. */
    final LoopMemory sent = new LoopMemory(16 << 10);

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
        LoopThread me = (LoopThread) Thread.currentThread();
        me.keeps(this);
        keeper = me;
        leader.set(me);
        do {
            runIo();
            if (isShuttingDown()) {
                ioHandler().prepareToDestroy();
            }
            runAllTasks(TASK_NANOS);
            lookForOthers();
            answer(me);
        } while (!confirmShutdown());
        refuse();
    }

    /** At the end. */
    void releaseMemory() {
        received.release();
        sent.release();
    }

    private void lookForOthers() {
        if (quiet(0)) {
            setCrowded(exchanges > 1);
            exchanges = 0;
        } else if (!quiet(1)) {
            setCrowded(true);
        }
    }

    /** Not written in each turn, as other threads read what is beside it. */
    private void setCrowded(boolean now) {
        if (crowded != now) {
            crowded = now;
        }
    }

    private void answer(Thread me) {
        Asker next = asker.get();
        if (next == null) {
            return;
        }
        // May have been said too late, to one who led before: what it was said for is among the tasks.
        needed = false;
        int cared = next.awaited.cared();
        if (!quiet(cared)) {
            setCrowded(true);
        }
        if (crowded || busy(cared)) {
            refuse();
        } else if (asker.compareAndSet(next, null)) {
            lend(next, me);
        }
    }

    private void refuse() {
        Asker next = asker.getAndSet(null);
        if (next != null) {
            next.answer();
        }
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

    private void lend(Asker next, Thread me) {
        leader.set(next.thread);
        next.answer();
        rest(next.awaited.absence());
        while (!leader.compareAndSet(null, me)) {
            sleep();
        }
        absence.end();
        needed = false;
        exchanges = 0;
    }

    /**
     * Until the loop is needed, or nobody has led it for a while. Doesn't ask a leader to tell when it gives up: beside
     * busy threads the two would wake each other up for every request.
     */
    private void rest(long nanos) {
        int before;
        do {
            before = led;
            pause(nanos);
        } while (!needed && (led != before || leader.get() != null));
    }

    /** Until the loop is needed, but no longer than that. */
    private void pause(long nanos) {
        long end = System.nanoTime() + nanos;
        // It may be unparked for what is over.
        for (long left = nanos; left > 0 && !needed; left = end - System.nanoTime()) {
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
    boolean lead(Awaited awaited, BooleanSupplier over, long nanos) {
        if (Thread.currentThread().isInterrupted()) {
            return false;
        }
        long start = System.nanoTime();
        long until = start + Math.min(nanos, LONGEST_WAIT);
        if (!tryLead() && !(missed(misses) && ask(awaited, until))) {
            return false;
        }
        try {
            leadUntil(over, start, until);
        } finally {
            giveUp(awaited.cared());
        }
        return true;
    }

    @Override
    public void lead(BooleanSupplier over) {
        if (Thread.currentThread().isInterrupted()) {
            return;
        }
        if (LedLoop.back(this)
                ? comeBack()
                : missed(missesOfCallbacks) && ask(CALLBACKS, System.nanoTime() + LONGEST_WAIT)) {
            try {
                leadForCallbacks(over);
            } finally {
                giveUp(CALLBACKS.cared());
            }
            leaveFor(over);
        }
    }

    /** Returns whether the calling thread leads now. */
    private boolean comeBack() {
        if (comesBack() && absence.isBrief(System.nanoTime()) && tryLead()) {
            return true;
        }
        // Or other threads send.
        missesOfCallbacks.inVain();
        leave();
        return false;
    }

    private void leadForCallbacks(BooleanSupplier over) {
        // While nobody can take over, which ends it.
        absence.begin();
        long start = System.nanoTime();
        leadUntil(() -> over.getAsBoolean() || quiet(0), start, start + LONGEST_WAIT);
    }

    /** To run callbacks, if there are some. */
    private void leaveFor(BooleanSupplier callbacks) {
        if (!callbacks.getAsBoolean()) {
            missesOfCallbacks.inVain();
            leave();
        } else if (!needed) {
            LedLoop.left(this);
        }
    }

    /** Whether the calling thread has left the loop to run callbacks, and nobody has taken over since. */
    boolean comesBack() {
        return absence.isCallers();
    }

    @Override
    public void leave() {
        if (comesBack()) {
            absence.end();
        }
        if (leader.get() == null) {
            callKeeper();
        }
    }

    private void leadUntil(BooleanSupplier over, long start, long until) {
        try {
            LedLoop.set(this);
            interrupts.start();
            lookUntil = start + (lastWait < SHORT ? SHORT : 0);
            waitUntil = until;
            while (!over.getAsBoolean() && mayWait()) {
                turn();
            }
            lastWait = System.nanoTime() - start;
        } finally {
            interrupts.stop();
        }
    }

    /** Returns whether it is time to ask for the loop. */
    private boolean missed(Misses counted) {
        Thread current = leader.get();
        if (current == null && !mayLead()) {
            // Whoever led before may have left the loop to the thread that is to read on, which may be this one.
            callKeeper();
        }
        return !crowded && current == keeper && mayLead() && counted.enough(System.nanoTime());
    }

    /** Waits for the end of the keeper's turn. */
    private boolean ask(Awaited awaited, long until) {
        Asker me = new Asker(awaited);
        if (!asker.compareAndSet(null, me)) {
            return false;
        }
        boolean failed = true;
        try {
            endTurn();
            me.await(until, this::isShuttingDown);
            failed = false;
        } finally {
            // When its stack overflows, too.
            if (failed && !withdraw(me)) {
                giveUp(awaited.cared());
            }
        }
        return !withdraw(me);
    }

    /** False if the loop was lent before. */
    private boolean withdraw(Asker me) {
        if (!asker.compareAndSet(me, null)) {
            me.awaitAnswer();
        }
        return leader.get() != me.thread;
    }

    private void endTurn() {
        try {
            execute(() -> {});
        } catch (RejectedExecutionException shuttingDown) {
            // Then there is no turn any more.
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
            if (absence.isCallers()) {
                absence.sent(System.nanoTime());
            }
        } finally {
            giveUp(socket.cared());
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

    /** What came from elsewhere just before nobody led, and was told to whoever had led until then. */
    private boolean noticed() {
        return pendingTasks() > 0 || isShuttingDown();
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
