import type { TokenCreatorContext, TokenGrantResponse } from '../../src/index.js';
import { TokenError, TokenResponseError } from '../../src/index.js';
import { tokenOf, type Ending, type SourceName } from './facts.js';
import { kindOf } from './parameters.js';
import type { Stage } from './stage.js';

/** The creators of both sources, which end as it is planned. */
export class CreatorUnderTest {
    readonly #stage: Stage;
    readonly #errors = new Map<unknown, string>();
    #creations = 0;
    /** Ends creations that answer when the creator is called again. */
    #overdue: (() => void)[] = [];

    constructor(stage: Stage) {
        this.#stage = stage;
    }

    create(source: SourceName, context: TokenCreatorContext | undefined): Promise<TokenGrantResponse> {
        if (!context) throw new Error('no context');
        const creation = this.#creations++;
        const { reason, previous, parameters, signal } = context;
        const call = { parameters: kindOf(parameters), creation, reason, previous: previous?.access_token };
        this.#stage.record({ what: 'creator called', source, ...call });
        this.endOverdue();
        const { when, ending } = this.#stage.planOf(creation);
        if (when === 'at once') {
            this.#stage.record({ what: 'creation ended', creation, ending });
            return this.#answer(creation, ending) as never; // it is no promise
        }
        return new Promise((resolve, reject) => {
            const end = (): void => {
                this.#stage.record({ what: 'creation ended', creation, ending });
                this.#stage.model?.creationEnds(creation, ending);
                try {
                    resolve(this.#answer(creation, ending) as TokenGrantResponse);
                } catch (error) {
                    reject(error);
                }
            };
            const endSoon = (): void => this.#stage.later(`creation ${creation}: ${JSON.stringify(ending)}`, end);
            if (when === 'soon') endSoon();
            signal.addEventListener('abort', () => {
                this.#stage.record({ what: 'creation given up', creation });
                if (when === 'late') endSoon();
                if (when === 'later') this.#overdue.push(endSoon);
            });
        });
    }

    endOverdue(): void {
        for (const endSoon of this.#overdue.splice(0)) endSoon();
    }

    #answer(creation: number, ending: Ending): unknown {
        if (ending.with === 'garbage') return { access_token: '' };
        if (ending.with === 'grant') {
            const grant = { access_token: tokenOf(creation), token_type: 'Bearer' };
            return ending.lifetime === undefined ? grant : { ...grant, expires_in: ending.lifetime / 1_000 };
        }
        const isFailure = ending.with === 'failure';
        const error = isFailure
            ? Object.assign(new Error('failure'), { retryAfter: ending.retryAfter })
            : new TokenError('cleared', 'nobody logged in');
        this.#errors.set(error, isFailure ? `failure ${creation}` : ending.with);
        throw error;
    }

    /** What an error is called in the story: who waits gets the error of the creator, the same object. */
    nameOf(error: unknown): string | undefined {
        if (error instanceof TokenResponseError) return 'garbage';
        return this.#errors.get(error) ?? (error instanceof TokenError ? error.code : undefined);
    }
}
