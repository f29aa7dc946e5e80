import { checkedFault, checkedInjection, type Injection } from './fault-checks.js';
import type { Fault, InjectionOptions, TestEndpoint } from './faults.js';

/** A fault that befalls one request. */
export interface Befallen {
    readonly fault: Fault;
    readonly isEnded: () => boolean;
    /** Calls the listener when the fault is ended; the function that it returns takes that back. */
    readonly onEnd: (listener: () => void) => () => void;
    /** That request is over. */
    readonly leave: () => void;
}

interface Injected extends Befallen, Omit<Injection, 'times'> {
    /** How many requests it is still to befall. */
    times: number;
    underWay: number;
    readonly end: () => void;
}

/** The faults of one server, in the order in which they were injected. */
export interface InjectedFaults {
    inject(fault: Fault, options?: InjectionOptions): () => void;
    heal(): void;
    /** The fault of a request of which no more than the endpoint is known. */
    takeBeforeBody(endpoint: TestEndpoint): Befallen | undefined;
    /** The fault of a request that was read. */
    take(endpoint: TestEndpoint, grantType: string | undefined): Befallen | undefined;
    /** How many requests were befallen. */
    readonly taken: number;
}

const isBeforeBody = ({ fault }: Injected): boolean => fault.type === 'reset' && fault.when === 'before-request';

function createInjected(fault: Fault, injection: Injection, forget: (injected: Injected) => void): Injected {
    const listeners = new Set<() => void>();
    let isEnded = false;
    const injected: Injected = {
        ...injection,
        fault,
        underWay: 0,
        isEnded: () => isEnded,
        onEnd(listener) {
            listeners.add(listener);
            return () => void listeners.delete(listener);
        },
        leave() {
            injected.underWay -= 1;
            if (injected.times === 0 && injected.underWay === 0) forget(injected);
        },
        end() {
            isEnded = true;
            forget(injected);
            for (const listener of listeners) listener();
        },
    };
    return injected;
}

export function createInjectedFaults(): InjectedFaults {
    const faults = new Set<Injected>();
    let taken = 0;

    function takeFirst(isFor: (injected: Injected) => boolean): Befallen | undefined {
        const first = [...faults].find((injected) => injected.times > 0 && isFor(injected));
        if (!first) return undefined;
        taken += 1;
        first.times -= 1;
        first.underWay += 1;
        return first;
    }

    return {
        inject(given, options = {}) {
            const fault = checkedFault(given);
            const injected = createInjected(fault, checkedInjection(fault, options), (over) => faults.delete(over));
            faults.add(injected);
            return injected.end;
        },
        heal() {
            for (const { end } of faults) end();
        },
        takeBeforeBody: (endpoint) => takeFirst((injected) => injected.endpoint === endpoint && isBeforeBody(injected)),
        take: (endpoint, grantType) =>
            takeFirst(
                (injected) =>
                    injected.endpoint === endpoint &&
                    !isBeforeBody(injected) &&
                    (injected.grantType === undefined || injected.grantType === grantType),
            ),
        get taken() {
            return taken;
        },
    };
}
