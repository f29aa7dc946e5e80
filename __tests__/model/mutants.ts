import type { AccessToken, TokenParameters, TokenSource } from '../../src/index.js';
import { kindOf } from './parameters.js';

type Sabotage = (source: TokenSource) => TokenSource;
type Parts = Partial<Pick<TokenSource, 'getToken' | 'current' | 'reject' | 'clear'>>;

/** A source with some of its functions replaced; `seen` has the last token of each kind that it gave. */
function broken(replace: (source: TokenSource, seen: Map<string, AccessToken>) => Parts): Sabotage {
    return (source) => {
        const seen = new Map<string, AccessToken>();
        const keep = (parameters: TokenParameters | undefined, token: AccessToken | undefined): void => {
            if (token) seen.set(kindOf(parameters), token);
        };
        const watched: Parts = {
            current: (parameters) => {
                const token = source.current(parameters);
                keep(parameters, token);
                return token;
            },
            getToken: (options) => {
                const pending = source.getToken(options);
                pending.then(
                    (token) => keep(options?.parameters, token),
                    () => {},
                );
                return pending;
            },
        };
        const inner = Object.assign(Object.create(source) as TokenSource, watched);
        return Object.assign(Object.create(inner) as TokenSource, replace(inner, seen));
    };
}

const PERMIT = { succeeded: () => {} };

/** What may be wrong with a source, where it can be seen from outside. */
export const mutants: Record<string, Sabotage> = {
    'serves the last token that it gave, whatever became of it': broken((source, seen) => ({
        current: (parameters) => source.current(parameters) ?? seen.get(kindOf(parameters)),
    })),

    'serves a token that was refused': broken((source, seen) => {
        const refused = new Set<AccessToken>();
        return {
            current(parameters) {
                const last = seen.get(kindOf(parameters));
                return source.current(parameters) ?? (last && refused.has(last) ? last : undefined);
            },
            reject(token, why) {
                refused.add(token);
                return source.reject(token, why);
            },
        };
    }),

    'serves the token of before the log-out': broken((source, seen) => {
        const outdated = new Map<string, AccessToken>();
        return {
            current: (parameters) => source.current(parameters) ?? outdated.get(kindOf(parameters)),
            clear() {
                for (const [kind, token] of seen) outdated.set(kind, token);
                source.clear();
                return Promise.resolve();
            },
        };
    }),

    'takes no notice of parameters': broken((source) => ({
        current: () => source.current(),
        getToken: ({ signal } = {}) => source.getToken(signal && { signal }),
    })),

    'takes each refusal for one of the current token': broken((source, seen) => ({
        reject: (token, why) => source.reject(seen.get('') ?? token, why),
    })),

    'drops a valid token when its renewal fails': broken((source, seen) => {
        source.subscribe((event) => {
            const token = event.type === 'failed' && event.reason === 'ahead' && seen.get(kindOf(event.parameters));
            if (token) source.reject(token, { status: 401 });
        });
        return {};
    }),

    'permits whatever was refused': broken((source) => ({
        reject: (token, why) => source.reject(token, why) ?? PERMIT,
    })),

    'permits without a look at the token': broken(() => ({ reject: () => PERMIT })),

    'permits nothing': broken(() => ({ reject: () => undefined })),

    'permits one sending only of all that were refused with the same token': broken((source) => {
        const refused = new Set<AccessToken>();
        return {
            reject(token, why) {
                if (refused.has(token)) return undefined;
                refused.add(token);
                return source.reject(token, why);
            },
        };
    }),

    'permits a third sending always': broken((source) => ({
        reject(token, why) {
            const replay = source.reject(token, why);
            return replay && { ...replay, mayRecur: () => true };
        },
    })),

    'permits no third sending': broken((source) => ({
        reject(token, why) {
            const replay = source.reject(token, why);
            return replay && { ...replay, mayRecur: () => false };
        },
    })),

    'gives nothing back to the budget': broken((source) => ({
        reject(token, why) {
            const replay = source.reject(token, why);
            return (
                replay && {
                    succeeded: (status) => replay.failed?.(status),
                    failed: (status) => replay.failed?.(status),
                }
            );
        },
    })),

    'gives back to the budget after a sending in vain': broken((source) => ({
        reject(token, why) {
            const replay = source.reject(token, why);
            const succeeded = (status?: number): void => replay?.succeeded(status);
            return replay && { succeeded, failed: succeeded };
        },
    })),

    'tells those who wait of an error of its own': broken((source) => ({
        getToken: (options) =>
            source.getToken(options).catch((error) => Promise.reject(new Error('no', { cause: error }))),
    })),

    'never tells those who wait of an error': broken((source) => ({
        getToken: (options) => source.getToken(options).catch(() => new Promise<never>(() => {})),
    })),

    'forgets to clear': broken(() => ({ clear: () => Promise.resolve() })),
};
