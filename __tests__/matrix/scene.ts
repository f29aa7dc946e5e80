/*
 * The scene that a behaviour runs in. Nothing here, nor in the behaviours, imports anything but types: they are bundled
 * with the library and run in Node, Bun, Deno and pages.
 *
 * In a page: bundle a module that imports `behaviours` and `runBehaviours`, axios and `src/index.js`, and exposes
 *
 *     window.run = (scene) => runBehaviours(behaviours, { ...scene, axios, library });
 *
 * Start `startMatrixServer()` of server.ts in the process that drives the page, serve the page from a third origin (the
 * server allows CORS for all), and evaluate, with a name of your own for each run,
 *
 *     run({ adapter: 'xhr', runtime: 'chromium', url: `${server.url}/<name>`, elsewhere: `${server.elsewhere}/<name>` })
 *
 * with `sender: axios`, the library's, in the scene of the module where that is another copy than the user's. The
 * result is the `cases` of a row of results.ts. `<server.url>/<name>/<index>/control/log` tells what was received.
 */
import type { AxiosResponse, AxiosStatic, InternalAxiosRequestConfig } from 'axios';
import type * as library from '../../src/index.js';
import type { CaseResult } from './results.js';

export interface Scene {
    /** The user's axios. */
    readonly axios: AxiosStatic;
    /** The axios that sends: the library's own, which resolves adapters by their name. Where it is absent, the user's. */
    readonly sender?: AxiosStatic;
    readonly library: typeof library;
    readonly adapter: 'http' | 'fetch' | 'xhr';
    readonly runtime: 'node' | 'bun' | 'deno' | 'chromium';
    /** On a real server: a token endpoint, an API and controls of its own for each URL, see server.ts. */
    readonly url: string;
    /** The same by another origin. */
    readonly elsewhere: string;
}

/** A bug or limit of axios that a behaviour cannot be shown with. */
export interface AxiosFault {
    /** What it is, and which versions have it. */
    readonly why: string;
    readonly concerns: (scene: Scene) => boolean;
    /** Fails with the axios that sends alone, without this package: otherwise the fault is not there. */
    control(scene: Scene): Promise<void>;
}

export interface Behaviour {
    readonly name: string;
    /** Why it cannot run there; undefined where it can. */
    inapplicable?(scene: Scene): string | undefined;
    readonly axiosFaults?: readonly AxiosFault[];
    run(scene: Scene): Promise<void>;
}

const LONGEST_CASE = 15_000;

/**
 * Runs behaviours, each on a URL of its own.
 *
 * @param tell - gets each result as soon as it is there
 */
export async function runBehaviours(
    behaviours: readonly Behaviour[],
    scene: Scene,
    tell: (result: CaseResult) => void = () => undefined,
): Promise<CaseResult[]> {
    const results: CaseResult[] = [];
    for (const [index, behaviour] of behaviours.entries()) {
        const at = (name: string): Scene => ({
            ...scene,
            url: `${scene.url}/${name}`,
            elsewhere: `${scene.elsewhere}/${name}`,
        });
        const result = await runBehaviour(behaviour, at(String(index)), at(`${index}-control`));
        results.push(result);
        tell(result);
    }
    return results;
}

async function runBehaviour(behaviour: Behaviour, scene: Scene, controlled: Scene): Promise<CaseResult> {
    const { name } = behaviour;
    const reason = behaviour.inapplicable?.(scene);
    if (reason) return { name, outcome: 'inapplicable', why: reason };
    const fault = behaviour.axiosFaults?.find(({ concerns }) => concerns(alone(scene)));
    if (fault) {
        const evidence = await outcomeOf(fault.control(alone(controlled)));
        if (evidence !== undefined) return { name, outcome: 'inapplicable', why: fault.why };
        return { name, outcome: 'failed', why: `axios alone does not show its fault: ${fault.why}` };
    }
    const failure = await outcomeOf(behaviour.run(scene));
    return failure === undefined ? { name, outcome: 'passed' } : { name, outcome: 'failed', why: failure };
}

/** The scene without the package: the axios that sends has to itself what the user's asks for. */
export function alone(scene: Scene): Scene {
    return { ...scene, axios: scene.sender ?? scene.axios };
}

/** undefined when it is fulfilled in time, else what went wrong. */
async function outcomeOf(work: Promise<void>): Promise<string | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<string>((resolve) => {
        timer = setTimeout(() => resolve(`not over after ${LONGEST_CASE} ms`), LONGEST_CASE);
    });
    const failed = work.then(
        () => undefined,
        (error: unknown) => (error instanceof Error && error.message) || String(error),
    );
    return Promise.race([failed, late]).finally(() => clearTimeout(timer));
}

export function check(isTrue: boolean, rule: string): void {
    if (!isTrue) throw new Error(`expected ${rule}`);
}

/** Compares what JSON can tell of two values. */
export function equal(received: unknown, expected: unknown, subject = 'value'): void {
    const [is, should] = [received, expected].map((value) => JSON.stringify(value) ?? 'undefined');
    if (is !== should) throw new Error(`${subject}: expected ${should}, received ${is}`);
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
    const outcome = await promise.then(
        () => undefined,
        (error: unknown) => ({ error: error as Failure }),
    );
    if (!outcome) throw new Error('expected a failure, but it was fulfilled');
    return outcome.error;
}

/** An axios error, or one of the package's own; what is there of either is looked at by the behaviours. */
export interface Failure extends Error {
    readonly code?: string;
    readonly status?: number;
    readonly error?: string;
    readonly retryAfter?: number;
    readonly config?: InternalAxiosRequestConfig;
    readonly response?: AxiosResponse;
    readonly cause?: unknown;
}

/** The answer in an error; the fetch adapter of axios 1.13 leaves it in the cause alone. */
export function answerOf({ response, cause }: Failure): AxiosResponse | undefined {
    return response ?? (cause as Failure | undefined)?.response;
}

/** Whether the version of an axios is before another, `1.8` say. */
export function isBefore(axios: AxiosStatic, wanted: string): boolean {
    const [own, other] = [axios.VERSION, wanted].map((version) => version.split('.').map(Number));
    for (const index of [0, 1, 2]) {
        const difference = (own?.[index] ?? 0) - (other?.[index] ?? 0);
        if (difference !== 0) return difference < 0;
    }
    return false;
}
