interface Signal {
    readonly aborted?: boolean | undefined;
    readonly reason?: unknown;
}

/** Why a signal fired. Those of React Native do not tell. */
export function reasonOf(signal: Signal | undefined): unknown {
    return signal?.reason ?? Object.assign(new Error('this was aborted'), { name: 'AbortError' });
}

/** The method of that name, which the signals of React Native lack. */
export function throwIfAborted(signal: Signal | undefined): void {
    if (signal?.aborted) throw reasonOf(signal);
}
