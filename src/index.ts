export { attachTokenCreator, type AttachOptions, type RequestRules, type TokenAttachment } from './attach.js';
export { isAuthupRejection, isUnauthorized, type RejectionPredicate } from './rejection.js';

export { createClientTokenCreator, type ClientCredentials } from './creators/client.js';
export {
    createDeviceTokenCreator,
    type DeviceAuthorization,
    type DeviceCredentials,
    type DeviceTokenCreatorOptions,
} from './creators/device.js';
export { createJwtBearerTokenCreator, type JwtBearerCredentials } from './creators/jwt-bearer.js';
export {
    createRefreshTokenCreator,
    type RefreshTokenCreatorOptions,
    type RefreshTokenCredentials,
} from './creators/refresh-token.js';
export { createRobotTokenCreator, type RobotCredentials } from './creators/robot.js';
export { createTokenExchangeCreator, type TokenExchangeCredentials } from './creators/token-exchange.js';
export { createUserTokenCreator, type UserCredentials, type UserTokenCreatorOptions } from './creators/user.js';
export type { Sharing, TokenCreator, TokenCreatorContext } from './creator.js';
export type { FirstRefreshToken, RefreshTokenOptions } from './refresh-settings.js';
export type { TokenToSend } from './token-to-send.js';
export { withRefreshToken, type RefreshAtEndpoint, type RefreshByFunction } from './with-refresh-token.js';

export type { ClientOptions, EndpointOptions } from './endpoint.js';
export type { TokenEndpointOptions } from './token-endpoint.js';
export { discover, type Issuer } from './discovery.js';
export { introspectToken, revokeToken, type IntrospectionResponse, type TokenStateOptions } from './token-state.js';

export type {
    Client,
    ClientAuthentication,
    RequestParameters,
    TokenRequest,
} from './client-authentication/client-authentication.js';
export { clientSecretBasic, clientSecretBasicUnencoded } from './client-authentication/client-secret-basic.js';
export { clientSecretPost } from './client-authentication/client-secret-post.js';
export { none } from './client-authentication/public-client.js';
export { tlsClientAuth } from './client-authentication/tls-client-auth.js';

export { createTokenSource, type TokenSource, type TokenSourceOptions } from './token-source.js';
export type { Replay, TokenRefusal } from './token-slot.js';
export type { TokenParameters } from './parameters.js';
export type { AuthorizationScheme } from './scheme.js';
export type { TokenEvent, TokenEventListener } from './events.js';
export type { Clock } from './clock.js';

export type { AccessToken, TokenGrantResponse } from './token.js';
export { parseChallenges, type Challenge } from './challenge.js';
export { TokenEndpointError, TokenError, TokenResponseError, type TokenErrorCode } from './errors.js';
