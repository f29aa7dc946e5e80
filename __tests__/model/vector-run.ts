import {
    createTokenSource,
    TokenError,
    type AccessToken,
    type TokenCreatorContext,
    type TokenGrantResponse,
    type TokenParameters,
    type TokenSource,
} from '../../src/index.js';
import { createControlledClock } from '../support/clock.js';
import { settled } from '../support/deferred.js';
import type { Step, Vector, VectorEffect, VectorEvent, VectorFile } from './vector.js';

type EventOf<Type extends VectorEvent['type']> = Extract<VectorEvent, { type: Type }>;
type Replay = NonNullable<ReturnType<TokenSource['reject']>>;

interface Call {
    readonly context: Partial<TokenCreatorContext>;
    hasEnded: boolean;
    readonly grant: (grant: TokenGrantResponse) => void;
    readonly fail: (error: Error) => void;
}

/** Does the steps of vectors to a real source, and writes down what it does. */
export class VectorRun {
    readonly #effects: VectorEffect[] = [];
    readonly #clock = createControlledClock();
    readonly #start = { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
    readonly #calls: Call[] = [];
    readonly #tokens = new Map<string, AccessToken>();
    readonly #replays = new Map<string, Replay>();
    readonly #errors = new Map<unknown, string>();
    readonly #source: TokenSource;

    constructor(settings: VectorFile['settings']) {
        this.#source = createTokenSource((context) => this.#create(context), { ...settings, clock: this.#clock });
    }

    /** Whether the token without parameters is being created, and somebody may wait for it. */
    get isCreating(): boolean {
        return this.#calls.some(
            ({ context, hasEnded }) => !context.parameters && !hasEnded && !context.signal?.aborted,
        );
    }

    /** @returns what the source did */
    async perform({ at, wall = at, event }: Step): Promise<VectorEffect[]> {
        const monotonic = this.#start.monotonic + at - this.#clock.monotonic();
        this.#clock.advance(monotonic);
        this.#clock.setWall(this.#start.wall + wall - this.#clock.now());
        jest.advanceTimersByTime(monotonic);
        await settled();
        this.#do(event);
        await settled();
        return this.#effects.splice(0);
    }

    #do(event: VectorEvent): void {
        switch (event.type) {
            case 'time':
                break;
            case 'clear':
                this.#source.clear();
                break;
            case 'request':
                this.#request(event);
                break;
            case 'grant':
                this.#call(event.creation).grant({
                    access_token: event.token,
                    token_type: 'Bearer',
                    ...(event.lifetime !== undefined && { expires_in: event.lifetime / 1_000 }),
                });
                break;
            case 'failure':
                this.#fail(event);
                break;
            case 'refusal':
                this.#refuse(event);
                break;
            case 'second answer':
                if (event.status < 400) this.#replays.get(event.id)?.succeeded(event.status);
                else this.#replays.get(event.id)?.failed?.(event.status, event.isInVain);
        }
    }

    /** The call of a creator, which now ends. */
    #call(creation: number): Call {
        const call = this.#calls[creation - 1];
        if (!call) throw new Error(`creation ${creation} has not begun`);
        call.hasEnded = true;
        return call;
    }

    #create(context: Partial<TokenCreatorContext> = {}): Promise<TokenGrantResponse> {
        const { reason = '', previous, parameters } = context;
        return new Promise((grant, fail) => {
            this.#effects.push({
                type: 'create',
                creation: this.#calls.push({ context, hasEnded: false, grant, fail }),
                reason,
                ...(previous && { previous: previous.access_token }),
                ...(parameters && { parameters: named(parameters) }),
            });
        });
    }

    #request({ id, parameters }: EventOf<'request'>): void {
        const { challenge, ...rest } = parameters ?? {};
        const asked = challenge
            ? { ...rest, challenge: { scheme: 'bearer', parameters: { error: challenge } } }
            : { ...rest };
        this.#source.getToken({ parameters: asked }).then(
            (token) => {
                this.#tokens.set(token.value, token);
                const mayRecur = this.#replays.get(id)?.mayRecur?.();
                this.#effects.push({ type: 'serve', id, token: token.value, ...(mayRecur && { mayRecur }) });
            },
            (error: unknown) => this.#effects.push({ type: 'fail', id, error: this.#nameOf(error) }),
        );
    }

    #fail({ creation, retryAfter, cause }: EventOf<'failure'>): void {
        const error = cause ? new TokenError('cleared', cause) : Object.assign(new Error(), { retryAfter });
        this.#errors.set(error, `failure ${creation}`);
        this.#call(creation).fail(error);
    }

    #nameOf(error: unknown): string {
        return this.#errors.get(error) ?? (error instanceof TokenError ? error.code : String(error));
    }

    #refuse({ id, token, error }: EventOf<'refusal'>): void {
        const known = this.#tokens.get(token) ?? this.#source.current();
        const refused = known?.value === token ? known : foreign;
        const challenges = error ? [{ scheme: 'bearer', parameters: { error } }] : [];
        const replay = this.#source.reject(refused, { status: 401, challenges });
        if (!replay) return void this.#effects.push({ type: 'answer', id });
        this.#replays.set(id, replay);
        const { parameters } = replay;
        this.#effects.push({ type: 'permit', id, ...(parameters && { parameters: named(parameters) }) });
    }
}

const foreign: AccessToken = {
    value: 'foreign',
    type: 'Bearer',
    grant: { access_token: 'foreign', token_type: 'Bearer' },
};

function named({ challenge, ...rest }: TokenParameters): object {
    return challenge ? { ...rest, challenge: challenge.parameters['error'] } : rest;
}

/** Brings a source into the state that a vector is about. */
export async function arrange(settings: VectorFile['settings'], { given }: Vector): Promise<VectorRun> {
    const run = new VectorRun(settings);
    for (const step of given) await run.perform(step);
    return run;
}
