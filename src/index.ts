export { attachTokenCreator, type AttachOptions, type RequestRules, type TokenAttachment } from './attach.js';
export { isAuthupRejection, isUnauthorized, type RejectionPredicate } from './rejection.js';

export { createClientTokenCreator, type ClientCredentials } from './creators/client.js';
export { createRobotTokenCreator, type RobotCredentials } from './creators/robot.js';
export { createUserTokenCreator, type UserCredentials } from './creators/user.js';
export type { TokenCreator, TokenCreatorContext } from './creator.js';
export type { TokenEndpointOptions } from './token-endpoint.js';

export { createTokenSource, type TokenSource, type TokenSourceOptions } from './token-source.js';
export type { Replay, TokenRefusal } from './token-slot.js';
export type { TokenEvent, TokenEventListener } from './events.js';
export type { Clock } from './clock.js';

export type { AccessToken, TokenGrantResponse } from './token.js';
export { parseChallenges, type Challenge } from './challenge.js';
export { TokenEndpointError, TokenError, TokenResponseError, type TokenErrorCode } from './errors.js';
