import type { TokenParameters } from '../../src/index.js';

/** A file of vectors, as `vectors/README.md` describes it. Times are milliseconds. */
export interface VectorFile {
    readonly format: 1;
    readonly settings: {
        readonly refreshAhead: number;
        readonly expiryLeeway: number;
        readonly creationTimeout: number;
    };
    readonly vectors: readonly Vector[];
}

export interface Vector extends Step {
    readonly name: string;
    readonly covers?: readonly (readonly string[])[];
    readonly random?: number;
    readonly given: readonly Step[];
    readonly state: State;
    readonly effects: readonly VectorEffect[];
    readonly then: State;
}

export interface Step {
    readonly at: number;
    readonly wall?: number;
    readonly event: VectorEvent;
}

export interface State {
    readonly token: 'fresh' | 'aging' | 'stale' | 'rejected' | 'none';
    readonly creation: 'none' | 'under way' | 'held back';
}

/** `challenge` is the error of one. */
type VectorParameters = Pick<TokenParameters, 'scope' | 'audience'> & { readonly challenge?: string };

export type VectorEvent =
    | { readonly type: 'time' | 'clear' }
    | { readonly type: 'request'; readonly id: string; readonly parameters?: VectorParameters }
    | { readonly type: 'grant'; readonly creation: number; readonly token: string; readonly lifetime?: number }
    | {
          readonly type: 'failure';
          readonly creation: number;
          readonly retryAfter?: number;
          readonly cause?: 'nobody is logged in';
      }
    | { readonly type: 'refusal'; readonly id: string; readonly token: string; readonly error?: string }
    | {
          readonly type: 'second answer';
          readonly id: string;
          readonly status: number;
          readonly isInVain?: boolean;
      };

export type VectorEffect =
    | {
          readonly type: 'create';
          readonly creation: number;
          readonly reason: string;
          readonly previous?: string;
          readonly parameters?: VectorParameters;
      }
    | { readonly type: 'serve'; readonly id: string; readonly token: string; readonly mayRecur?: boolean }
    | { readonly type: 'fail'; readonly id: string; readonly error: string }
    | { readonly type: 'permit'; readonly id: string; readonly parameters?: VectorParameters }
    | { readonly type: 'answer'; readonly id: string };
