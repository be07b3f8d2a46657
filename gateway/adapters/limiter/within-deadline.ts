/**
 * The reply, or a rejection once it is late. One turn of the event loop is granted beyond the deadline: after a pause
 * of this process timers run before sockets are read, and a reply that is already here would be taken for late.
 */
export function withinDeadline<Reply>(reply: Promise<Reply>, deadlineMs: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const tooLate = () => reject(new Error(`no reply within ${deadlineMs} ms`));
    const timer = setTimeout(() => setImmediate(tooLate), deadlineMs);
    const inTime = (answer: Reply) => {
      clearTimeout(timer);
      resolve(answer);
    };
    const failed = (fault: unknown) => {
      clearTimeout(timer);
      reject(fault);
    };
    reply.then(inTime, failed);
  });
}
