package dev.millpond.benchmarks.peer;

/** What became of one request. One of the two methods is called, once, on whatever thread the client calls back on. */
public interface ReplyListener {

    /** @param length bytes of body, all of which the client has handed out */
    void onReply(int status, long length);

    void onFailure(Throwable cause);
}
