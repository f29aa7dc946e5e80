/**
 * Makes errors fit for delivery to many callers. axios appends the frames of each caller to `error.stack`, which for
 * an error that thousands share takes seconds and megabytes: from the second delivery on, `stack` stays as it is.
 */
export function createErrorSharing(): (error: unknown) => unknown {
    const delivered = new WeakSet<Error>();
    return (error) => {
        if (!(error instanceof Error)) return error;
        if (delivered.has(error)) keepStack(error);
        delivered.add(error);
        return error;
    };
}

/** Ignores assignments instead of refusing them: a read-only property would throw at whoever assigns to it. */
function keepStack(error: Error): void {
    const { stack } = error;
    Reflect.defineProperty(error, 'stack', { get: () => stack, set: () => {}, enumerable: false, configurable: true });
}
