import { setImmediate } from 'node:timers/promises';
import axios from 'axios';
import {
    attachTokenCreator,
    createTokenSource,
    type AccessToken,
    type TokenAttachment,
    type TokenEvent,
    type TokenParameters,
    type TokenSource,
} from '../../src/index.js';
import type { Action } from './actions.js';
import { ApiUnderTest } from './api.js';
import { CreatorUnderTest } from './creator.js';
import type { SourceName, ToldEvent } from './facts.js';
import { kindOf, PARAMETERS, type Kind } from './parameters.js';
import { Stage, type StageOptions } from './stage.js';
import { CREATION_TIMEOUT } from './token-model.js';

export interface WorldOptions extends StageOptions {
    /** Lets everything happen that the scheduler knows of. */
    readonly drain: () => Promise<void>;
    /** Puts something wrong between the transport and the source. */
    readonly sabotage?: ((source: TokenSource) => TokenSource) | undefined;
}

/** More than the budget has. */
const INSISTENCE = 11;

/** Two real sources and a real client; everything around them is under control, and the model beside them. */
export class World {
    readonly stage: Stage;
    readonly #options: WorldOptions;
    readonly #creator: CreatorUnderTest;
    readonly #api: ApiUnderTest;
    readonly #client;
    readonly #sources: Record<SourceName, TokenSource>;
    /** Those that the transport, or a test, has seen. */
    readonly #tokens = new Set<AccessToken>();
    #attached: { readonly name: SourceName; readonly attachment: TokenAttachment } | undefined;

    constructor(options: WorldOptions) {
        this.#options = options;
        this.stage = new Stage(options);
        this.#creator = new CreatorUnderTest(this.stage);
        this.#api = new ApiUnderTest(this.stage);
        this.#client = axios.create({ baseURL: 'https://api.example', adapter: (config) => this.#api.send(config) });
        this.#sources = { A: this.#open('A'), B: this.#open('B') };
        this.#attach('A');
    }

    get unsettled(): number {
        return this.#api.requests.filter(({ isSettled }) => !isSettled).length;
    }

    #open(name: SourceName): TokenSource {
        const source = createTokenSource((context) => this.#creator.create(name, context), {
            clock: this.stage.clock,
            creationTimeout: CREATION_TIMEOUT,
            onEvent: (event) => this.#hear(name, event),
        });
        return this.#watch(name, this.#options.sabotage?.(source) ?? source);
    }

    #hear(source: SourceName, { parameters, ...event }: TokenEvent & { parameters?: TokenParameters }): void {
        const told = event.type === 'failed' ? { ...event, error: this.#creator.nameOf(event.error) } : event;
        this.stage.record({ what: 'told', source, parameters: kindOf(parameters), event: told as ToldEvent });
    }

    /** Sees the tokens that a source gives, and what it answers to their refusal. */
    #watch(name: SourceName, source: TokenSource): TokenSource {
        const note = (token: AccessToken | undefined): void => void (token && this.#tokens.add(token));
        const watched: Pick<TokenSource, 'current' | 'getToken' | 'reject'> = {
            current: (parameters) => {
                const token = source.current(parameters);
                note(token);
                return token;
            },
            getToken: (options) => {
                const pending = source.getToken(options);
                pending.then(note, () => {});
                return pending;
            },
            reject: (token, why) => {
                const replay = source.reject(token, why);
                const isPermitted = replay !== undefined;
                this.stage.record({ what: 'refused', source: name, token: token.value, isPermitted });
                return replay;
            },
        };
        return Object.assign(Object.create(source) as TokenSource, watched);
    }

    async perform(action: Action): Promise<void> {
        if (action.does === 'insist') return this.#insist(action.parameters);
        this.stage.step(() => this.#do(action));
    }

    #do(action: Exclude<Action, { does: 'insist' }>): void {
        switch (action.does) {
            case 'request':
                this.#request(action);
                break;
            case 'abort':
                this.#abort(this.#api.requests.length - 1 - action.request);
                break;
            case 'clear':
                this.#clear(action.source);
                break;
            case 'attach':
                this.#attach(action.source);
                break;
            case 'report':
                this.#report(action.source, [...this.#tokens].at(-1 - action.token));
                break;
            case 'pass time':
                this.#passTime(action.wall, action.monotonic);
        }
    }

    #request({ parameters, answers, canBeRepeated }: Extract<Action, { does: 'request' }>): void {
        const id = this.#api.requests.length;
        const request = { abort: new AbortController(), answers, sendings: 0, isSettled: false };
        this.#api.requests.push(request);
        const source = this.#attached?.name;
        this.stage.record({ what: 'asked', request: id, source, parameters, canBeRepeated });
        this.stage.model?.request(parameters, canBeRepeated);
        const settle = (by: string): void => {
            request.isSettled = true;
            this.stage.record({ what: 'settled', request: id, by });
        };
        const config = {
            url: String(id),
            method: canBeRepeated ? 'get' : 'post',
            data: canBeRepeated ? undefined : { pipe: () => {} }, // as streams have
            tokenCreator: PARAMETERS[parameters],
            signal: request.abort.signal,
        };
        this.#client.request(config).then(
            ({ status }) => settle(`status ${status}`),
            (error: unknown) => settle(this.#creator.nameOf(error) ?? ApiUnderTest.nameOf(error)),
        );
    }

    #abort(id: number): void {
        this.stage.model?.abort(id);
        this.#api.requests[id]?.abort.abort();
    }

    #clear(source: SourceName): void {
        this.stage.record({ what: 'cleared', source });
        this.stage.model?.clear(source);
        this.#sources[source].clear();
    }

    #attach(source: SourceName | undefined): void {
        this.stage.model?.attach(source);
        if (!source) this.#attached?.attachment.detach();
        this.#attached = source && {
            name: source,
            attachment: attachTokenCreator(this.#client, this.#sources[source]),
        };
    }

    #report(source: SourceName, token: AccessToken | undefined): void {
        if (!token) return;
        const expected = this.stage.model?.reject(source, token.value);
        const replay = this.#sources[source].reject(token, { status: 401 });
        if (this.stage.model && Boolean(replay) !== Boolean(expected))
            this.stage.differences.push(`the report of ${token.value} was ${replay ? '' : 'not '}permitted`);
    }

    #passTime(wall: number, monotonic: number): void {
        this.stage.clock.advance(monotonic);
        this.stage.clock.setWall(wall - monotonic);
        this.stage.model?.timePassed();
        jest.advanceTimersByTime(monotonic);
    }

    async #insist(parameters: Kind): Promise<void> {
        const request = { does: 'request', parameters, answers: [401, 401], canBeRepeated: true } as const;
        for (let times = 0; times < INSISTENCE; times += 1)
            await this.stage.inOrder(
                () => this.stage.step(() => this.#do(request)),
                () => setImmediate(),
            );
    }

    /** Lets everything come to its end. */
    async end(): Promise<void> {
        for (let times = 0; times < 5; times += 1) {
            this.#creator.endOverdue();
            await this.#options.drain();
            await this.perform({ does: 'pass time', wall: CREATION_TIMEOUT, monotonic: CREATION_TIMEOUT });
            await setImmediate();
            if (this.unsettled === 0) break;
        }
        this.stage.compare();
    }

    /** Leaves no timer behind. */
    close(): void {
        for (const source of Object.values(this.#sources)) source.clear();
    }
}
