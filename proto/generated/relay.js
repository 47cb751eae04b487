/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["default"] || ($protobuf.roots["default"] = {});

export const atalaia = $root.atalaia = (() => {

    /**
     * Namespace atalaia.
     * @exports atalaia
     * @namespace
     */
    const atalaia = {};

    atalaia.relay = (function() {

        /**
         * Namespace relay.
         * @memberof atalaia
         * @namespace
         */
        const relay = {};

        relay.v1 = (function() {

            /**
             * Namespace v1.
             * @memberof atalaia.relay
             * @namespace
             */
            const v1 = {};

            v1.AgentMessage = (function() {

                /**
                 * Properties of an AgentMessage.
                 * @typedef {Object} atalaia.relay.v1.AgentMessage.$Properties
                 * @property {atalaia.relay.v1.Hello.$Properties|null} [hello] AgentMessage hello
                 * @property {atalaia.relay.v1.Batch.$Properties|null} [batch] AgentMessage batch
                 * @property {atalaia.relay.v1.Lost.$Properties|null} [lost] AgentMessage lost
                 * @property {atalaia.relay.v1.Heartbeat.$Properties|null} [heartbeat] AgentMessage heartbeat
                 * @property {"hello"|"batch"|"lost"|"heartbeat"} [body] AgentMessage body
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an AgentMessage.
                 * @memberof atalaia.relay.v1
                 * @interface IAgentMessage
                 * @augments atalaia.relay.v1.AgentMessage.$Properties
                 * @deprecated Use atalaia.relay.v1.AgentMessage.$Properties instead.
                 */

                /**
                 * Narrowed shape of an AgentMessage.
                 * @typedef {{
                 *   hello?: atalaia.relay.v1.Hello.$Shape|null;
                 *   batch?: atalaia.relay.v1.Batch.$Shape|null;
                 *   lost?: atalaia.relay.v1.Lost.$Shape|null;
                 *   heartbeat?: atalaia.relay.v1.Heartbeat.$Shape|null;
                 *   $unknowns?: Array.<Uint8Array>;
                 * } & (
                 *   ({ body?: undefined; hello?: null; batch?: null; lost?: null; heartbeat?: null }|{ body?: "hello"; hello: atalaia.relay.v1.Hello.$Shape; batch?: null; lost?: null; heartbeat?: null }|{ body?: "batch"; hello?: null; batch: atalaia.relay.v1.Batch.$Shape; lost?: null; heartbeat?: null }|{ body?: "lost"; hello?: null; batch?: null; lost: atalaia.relay.v1.Lost.$Shape; heartbeat?: null }|{ body?: "heartbeat"; hello?: null; batch?: null; lost?: null; heartbeat: atalaia.relay.v1.Heartbeat.$Shape })
                 * )} atalaia.relay.v1.AgentMessage.$Shape
                 */

                /**
                 * Constructs a new AgentMessage.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents an AgentMessage.
                 * @constructor
                 * @param {atalaia.relay.v1.AgentMessage.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const AgentMessage = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * AgentMessage hello.
                 * @member {atalaia.relay.v1.Hello.$Properties|null|undefined} hello
                 * @memberof atalaia.relay.v1.AgentMessage
                 * @instance
                 */
                AgentMessage.prototype.hello = null;

                /**
                 * AgentMessage batch.
                 * @member {atalaia.relay.v1.Batch.$Properties|null|undefined} batch
                 * @memberof atalaia.relay.v1.AgentMessage
                 * @instance
                 */
                AgentMessage.prototype.batch = null;

                /**
                 * AgentMessage lost.
                 * @member {atalaia.relay.v1.Lost.$Properties|null|undefined} lost
                 * @memberof atalaia.relay.v1.AgentMessage
                 * @instance
                 */
                AgentMessage.prototype.lost = null;

                /**
                 * AgentMessage heartbeat.
                 * @member {atalaia.relay.v1.Heartbeat.$Properties|null|undefined} heartbeat
                 * @memberof atalaia.relay.v1.AgentMessage
                 * @instance
                 */
                AgentMessage.prototype.heartbeat = null;

                // OneOf field names bound to virtual getters and setters
                let $oneOfFields;

                /**
                 * AgentMessage body.
                 * @member {"hello"|"batch"|"lost"|"heartbeat"|undefined} body
                 * @memberof atalaia.relay.v1.AgentMessage
                 * @instance
                 */
                $Object.defineProperty(AgentMessage.prototype, "body", {
                    get: $util.oneOfGetter($oneOfFields = ["hello", "batch", "lost", "heartbeat"]),
                    set: $util.oneOfSetter($oneOfFields)
                });

                /**
                 * Creates a new AgentMessage instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.AgentMessage
                 * @static
                 * @param {atalaia.relay.v1.AgentMessage.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.AgentMessage} AgentMessage instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.AgentMessage.$Shape): atalaia.relay.v1.AgentMessage & atalaia.relay.v1.AgentMessage.$Shape;
                 *   (properties?: atalaia.relay.v1.AgentMessage.$Properties): atalaia.relay.v1.AgentMessage;
                 * }}
                 */
                AgentMessage.create = function(properties) {
                    return new AgentMessage(properties);
                };

                /**
                 * Encodes the specified AgentMessage message. Does not implicitly {@link atalaia.relay.v1.AgentMessage.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.AgentMessage
                 * @static
                 * @param {atalaia.relay.v1.AgentMessage.$Properties} message AgentMessage message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                AgentMessage.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.hello != null && $Object.hasOwnProperty.call(message, "hello"))
                        $root.atalaia.relay.v1.Hello.encode(message.hello, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.batch != null && $Object.hasOwnProperty.call(message, "batch"))
                        $root.atalaia.relay.v1.Batch.encode(message.batch, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.lost != null && $Object.hasOwnProperty.call(message, "lost"))
                        $root.atalaia.relay.v1.Lost.encode(message.lost, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.heartbeat != null && $Object.hasOwnProperty.call(message, "heartbeat"))
                        $root.atalaia.relay.v1.Heartbeat.encode(message.heartbeat, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an AgentMessage message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.AgentMessage
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.AgentMessage & atalaia.relay.v1.AgentMessage.$Shape} AgentMessage
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                AgentMessage.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.AgentMessage();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                message.hello = $root.atalaia.relay.v1.Hello.decode(reader, reader.size(), $undefined, _depth + 1, message.hello);
                                message.body = "hello";
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                message.batch = $root.atalaia.relay.v1.Batch.decode(reader, reader.size(), $undefined, _depth + 1, message.batch);
                                message.body = "batch";
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                message.lost = $root.atalaia.relay.v1.Lost.decode(reader, reader.size(), $undefined, _depth + 1, message.lost);
                                message.body = "lost";
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                message.heartbeat = $root.atalaia.relay.v1.Heartbeat.decode(reader, reader.size(), $undefined, _depth + 1, message.heartbeat);
                                message.body = "heartbeat";
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return AgentMessage;
            })();

            v1.HubMessage = (function() {

                /**
                 * Properties of a HubMessage.
                 * @typedef {Object} atalaia.relay.v1.HubMessage.$Properties
                 * @property {atalaia.relay.v1.Welcome.$Properties|null} [welcome] HubMessage welcome
                 * @property {atalaia.relay.v1.Ack.$Properties|null} [ack] HubMessage ack
                 * @property {atalaia.relay.v1.Busy.$Properties|null} [busy] HubMessage busy
                 * @property {atalaia.relay.v1.Refusal.$Properties|null} [refusal] HubMessage refusal
                 * @property {"welcome"|"ack"|"busy"|"refusal"} [body] HubMessage body
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a HubMessage.
                 * @memberof atalaia.relay.v1
                 * @interface IHubMessage
                 * @augments atalaia.relay.v1.HubMessage.$Properties
                 * @deprecated Use atalaia.relay.v1.HubMessage.$Properties instead.
                 */

                /**
                 * Narrowed shape of a HubMessage.
                 * @typedef {{
                 *   welcome?: atalaia.relay.v1.Welcome.$Shape|null;
                 *   ack?: atalaia.relay.v1.Ack.$Shape|null;
                 *   busy?: atalaia.relay.v1.Busy.$Shape|null;
                 *   refusal?: atalaia.relay.v1.Refusal.$Shape|null;
                 *   $unknowns?: Array.<Uint8Array>;
                 * } & (
                 *   ({ body?: undefined; welcome?: null; ack?: null; busy?: null; refusal?: null }|{ body?: "welcome"; welcome: atalaia.relay.v1.Welcome.$Shape; ack?: null; busy?: null; refusal?: null }|{ body?: "ack"; welcome?: null; ack: atalaia.relay.v1.Ack.$Shape; busy?: null; refusal?: null }|{ body?: "busy"; welcome?: null; ack?: null; busy: atalaia.relay.v1.Busy.$Shape; refusal?: null }|{ body?: "refusal"; welcome?: null; ack?: null; busy?: null; refusal: atalaia.relay.v1.Refusal.$Shape })
                 * )} atalaia.relay.v1.HubMessage.$Shape
                 */

                /**
                 * Constructs a new HubMessage.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a HubMessage.
                 * @constructor
                 * @param {atalaia.relay.v1.HubMessage.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const HubMessage = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * HubMessage welcome.
                 * @member {atalaia.relay.v1.Welcome.$Properties|null|undefined} welcome
                 * @memberof atalaia.relay.v1.HubMessage
                 * @instance
                 */
                HubMessage.prototype.welcome = null;

                /**
                 * HubMessage ack.
                 * @member {atalaia.relay.v1.Ack.$Properties|null|undefined} ack
                 * @memberof atalaia.relay.v1.HubMessage
                 * @instance
                 */
                HubMessage.prototype.ack = null;

                /**
                 * HubMessage busy.
                 * @member {atalaia.relay.v1.Busy.$Properties|null|undefined} busy
                 * @memberof atalaia.relay.v1.HubMessage
                 * @instance
                 */
                HubMessage.prototype.busy = null;

                /**
                 * HubMessage refusal.
                 * @member {atalaia.relay.v1.Refusal.$Properties|null|undefined} refusal
                 * @memberof atalaia.relay.v1.HubMessage
                 * @instance
                 */
                HubMessage.prototype.refusal = null;

                // OneOf field names bound to virtual getters and setters
                let $oneOfFields;

                /**
                 * HubMessage body.
                 * @member {"welcome"|"ack"|"busy"|"refusal"|undefined} body
                 * @memberof atalaia.relay.v1.HubMessage
                 * @instance
                 */
                $Object.defineProperty(HubMessage.prototype, "body", {
                    get: $util.oneOfGetter($oneOfFields = ["welcome", "ack", "busy", "refusal"]),
                    set: $util.oneOfSetter($oneOfFields)
                });

                /**
                 * Creates a new HubMessage instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.HubMessage
                 * @static
                 * @param {atalaia.relay.v1.HubMessage.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.HubMessage} HubMessage instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.HubMessage.$Shape): atalaia.relay.v1.HubMessage & atalaia.relay.v1.HubMessage.$Shape;
                 *   (properties?: atalaia.relay.v1.HubMessage.$Properties): atalaia.relay.v1.HubMessage;
                 * }}
                 */
                HubMessage.create = function(properties) {
                    return new HubMessage(properties);
                };

                /**
                 * Encodes the specified HubMessage message. Does not implicitly {@link atalaia.relay.v1.HubMessage.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.HubMessage
                 * @static
                 * @param {atalaia.relay.v1.HubMessage.$Properties} message HubMessage message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                HubMessage.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.welcome != null && $Object.hasOwnProperty.call(message, "welcome"))
                        $root.atalaia.relay.v1.Welcome.encode(message.welcome, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.ack != null && $Object.hasOwnProperty.call(message, "ack"))
                        $root.atalaia.relay.v1.Ack.encode(message.ack, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.busy != null && $Object.hasOwnProperty.call(message, "busy"))
                        $root.atalaia.relay.v1.Busy.encode(message.busy, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.refusal != null && $Object.hasOwnProperty.call(message, "refusal"))
                        $root.atalaia.relay.v1.Refusal.encode(message.refusal, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a HubMessage message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.HubMessage
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.HubMessage & atalaia.relay.v1.HubMessage.$Shape} HubMessage
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                HubMessage.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.HubMessage();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                message.welcome = $root.atalaia.relay.v1.Welcome.decode(reader, reader.size(), $undefined, _depth + 1, message.welcome);
                                message.body = "welcome";
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                message.ack = $root.atalaia.relay.v1.Ack.decode(reader, reader.size(), $undefined, _depth + 1, message.ack);
                                message.body = "ack";
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                message.busy = $root.atalaia.relay.v1.Busy.decode(reader, reader.size(), $undefined, _depth + 1, message.busy);
                                message.body = "busy";
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                message.refusal = $root.atalaia.relay.v1.Refusal.decode(reader, reader.size(), $undefined, _depth + 1, message.refusal);
                                message.body = "refusal";
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return HubMessage;
            })();

            /**
             * Lane enum.
             * @name atalaia.relay.v1.Lane
             * @enum {number}
             * @property {number} LANE_UNSPECIFIED=0 LANE_UNSPECIFIED value
             * @property {number} LANE_FIRST=1 LANE_FIRST value
             * @property {number} LANE_NORMAL=2 LANE_NORMAL value
             */
            v1.Lane = (function() {
                const valuesById = $Object.create(null), values = $Object.create(valuesById);
                values[valuesById[0] = "LANE_UNSPECIFIED"] = 0;
                values[valuesById[1] = "LANE_FIRST"] = 1;
                values[valuesById[2] = "LANE_NORMAL"] = 2;
                return values;
            })();

            v1.Hello = (function() {

                /**
                 * Properties of a Hello.
                 * @typedef {Object} atalaia.relay.v1.Hello.$Properties
                 * @property {number|null} [protocolVersion] Hello protocolVersion
                 * @property {Array.<atalaia.relay.v1.LaneState.$Properties>|null} [lanes] Hello lanes
                 * @property {Array.<string>|null} [capabilities] Hello capabilities
                 * @property {number|null} [agentClockMs] Hello agentClockMs
                 * @property {Uint8Array|null} [policyHash] Hello policyHash
                 * @property {string|null} [agentVersion] Hello agentVersion
                 * @property {string|null} [hostName] Hello hostName
                 * @property {Array.<atalaia.relay.v1.SourceState.$Properties>|null} [sources] Hello sources
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Hello.
                 * @memberof atalaia.relay.v1
                 * @interface IHello
                 * @augments atalaia.relay.v1.Hello.$Properties
                 * @deprecated Use atalaia.relay.v1.Hello.$Properties instead.
                 */

                /**
                 * Shape of a Hello.
                 * @typedef {atalaia.relay.v1.Hello.$Properties} atalaia.relay.v1.Hello.$Shape
                 */

                /**
                 * Constructs a new Hello.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a Hello.
                 * @constructor
                 * @param {atalaia.relay.v1.Hello.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Hello = function (properties) {
                    this.lanes = [];
                    this.capabilities = [];
                    this.sources = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Hello protocolVersion.
                 * @member {number} protocolVersion
                 * @memberof atalaia.relay.v1.Hello
                 * @instance
                 */
                Hello.prototype.protocolVersion = 0;

                /**
                 * Hello lanes.
                 * @member {Array.<atalaia.relay.v1.LaneState.$Properties>} lanes
                 * @memberof atalaia.relay.v1.Hello
                 * @instance
                 */
                Hello.prototype.lanes = $util.emptyArray;

                /**
                 * Hello capabilities.
                 * @member {Array.<string>} capabilities
                 * @memberof atalaia.relay.v1.Hello
                 * @instance
                 */
                Hello.prototype.capabilities = $util.emptyArray;

                /**
                 * Hello agentClockMs.
                 * @member {number} agentClockMs
                 * @memberof atalaia.relay.v1.Hello
                 * @instance
                 */
                Hello.prototype.agentClockMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Hello policyHash.
                 * @member {Uint8Array} policyHash
                 * @memberof atalaia.relay.v1.Hello
                 * @instance
                 */
                Hello.prototype.policyHash = $util.newBuffer([]);

                /**
                 * Hello agentVersion.
                 * @member {string} agentVersion
                 * @memberof atalaia.relay.v1.Hello
                 * @instance
                 */
                Hello.prototype.agentVersion = "";

                /**
                 * Hello hostName.
                 * @member {string} hostName
                 * @memberof atalaia.relay.v1.Hello
                 * @instance
                 */
                Hello.prototype.hostName = "";

                /**
                 * Hello sources.
                 * @member {Array.<atalaia.relay.v1.SourceState.$Properties>} sources
                 * @memberof atalaia.relay.v1.Hello
                 * @instance
                 */
                Hello.prototype.sources = $util.emptyArray;

                /**
                 * Creates a new Hello instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Hello
                 * @static
                 * @param {atalaia.relay.v1.Hello.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Hello} Hello instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Hello.$Shape): atalaia.relay.v1.Hello & atalaia.relay.v1.Hello.$Shape;
                 *   (properties?: atalaia.relay.v1.Hello.$Properties): atalaia.relay.v1.Hello;
                 * }}
                 */
                Hello.create = function(properties) {
                    return new Hello(properties);
                };

                /**
                 * Encodes the specified Hello message. Does not implicitly {@link atalaia.relay.v1.Hello.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Hello
                 * @static
                 * @param {atalaia.relay.v1.Hello.$Properties} message Hello message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Hello.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.protocolVersion != null && $Object.hasOwnProperty.call(message, "protocolVersion") && message.protocolVersion !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.protocolVersion);
                    if (message.lanes != null && message.lanes.length)
                        for (let i = 0; i < message.lanes.length; ++i)
                            $root.atalaia.relay.v1.LaneState.encode(message.lanes[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.capabilities != null && message.capabilities.length)
                        for (let i = 0; i < message.capabilities.length; ++i)
                            writer.uint32(/* id 3, wireType 2 =*/26).string(message.capabilities[i]);
                    if (message.agentClockMs != null && $Object.hasOwnProperty.call(message, "agentClockMs") && (typeof message.agentClockMs === "object" ? message.agentClockMs.low || message.agentClockMs.high : message.agentClockMs !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.agentClockMs);
                    if (message.policyHash != null && $Object.hasOwnProperty.call(message, "policyHash") && message.policyHash.length)
                        writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.policyHash);
                    if (message.agentVersion != null && $Object.hasOwnProperty.call(message, "agentVersion") && message.agentVersion !== "")
                        writer.uint32(/* id 6, wireType 2 =*/50).string(message.agentVersion);
                    if (message.hostName != null && $Object.hasOwnProperty.call(message, "hostName") && message.hostName !== "")
                        writer.uint32(/* id 7, wireType 2 =*/58).string(message.hostName);
                    if (message.sources != null && message.sources.length)
                        for (let i = 0; i < message.sources.length; ++i)
                            $root.atalaia.relay.v1.SourceState.encode(message.sources[i], writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Hello message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Hello
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Hello & atalaia.relay.v1.Hello.$Shape} Hello
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Hello.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Hello();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.protocolVersion = value;
                                else
                                    delete message.protocolVersion;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.lanes && message.lanes.length))
                                    message.lanes = [];
                                message.lanes.push($root.atalaia.relay.v1.LaneState.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.capabilities && message.capabilities.length))
                                    message.capabilities = [];
                                message.capabilities.push(reader.stringVerify());
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.agentClockMs = value;
                                else
                                    delete message.agentClockMs;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.policyHash = value;
                                else
                                    delete message.policyHash;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.agentVersion = value;
                                else
                                    delete message.agentVersion;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.hostName = value;
                                else
                                    delete message.hostName;
                                continue;
                            }
                        case 8: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.sources && message.sources.length))
                                    message.sources = [];
                                message.sources.push($root.atalaia.relay.v1.SourceState.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Hello;
            })();

            v1.LaneState = (function() {

                /**
                 * Properties of a LaneState.
                 * @typedef {Object} atalaia.relay.v1.LaneState.$Properties
                 * @property {atalaia.relay.v1.Lane|null} [lane] LaneState lane
                 * @property {Uint8Array|null} [epoch] LaneState epoch
                 * @property {number|null} [oldestSequence] LaneState oldestSequence
                 * @property {number|null} [nextSequence] LaneState nextSequence
                 * @property {Array.<atalaia.relay.v1.HeldHash.$Properties>|null} [held] LaneState held
                 * @property {boolean|null} [damaged] LaneState damaged
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a LaneState.
                 * @memberof atalaia.relay.v1
                 * @interface ILaneState
                 * @augments atalaia.relay.v1.LaneState.$Properties
                 * @deprecated Use atalaia.relay.v1.LaneState.$Properties instead.
                 */

                /**
                 * Shape of a LaneState.
                 * @typedef {atalaia.relay.v1.LaneState.$Properties} atalaia.relay.v1.LaneState.$Shape
                 */

                /**
                 * Constructs a new LaneState.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a LaneState.
                 * @constructor
                 * @param {atalaia.relay.v1.LaneState.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const LaneState = function (properties) {
                    this.held = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * LaneState lane.
                 * @member {atalaia.relay.v1.Lane} lane
                 * @memberof atalaia.relay.v1.LaneState
                 * @instance
                 */
                LaneState.prototype.lane = 0;

                /**
                 * LaneState epoch.
                 * @member {Uint8Array} epoch
                 * @memberof atalaia.relay.v1.LaneState
                 * @instance
                 */
                LaneState.prototype.epoch = $util.newBuffer([]);

                /**
                 * LaneState oldestSequence.
                 * @member {number} oldestSequence
                 * @memberof atalaia.relay.v1.LaneState
                 * @instance
                 */
                LaneState.prototype.oldestSequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * LaneState nextSequence.
                 * @member {number} nextSequence
                 * @memberof atalaia.relay.v1.LaneState
                 * @instance
                 */
                LaneState.prototype.nextSequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * LaneState held.
                 * @member {Array.<atalaia.relay.v1.HeldHash.$Properties>} held
                 * @memberof atalaia.relay.v1.LaneState
                 * @instance
                 */
                LaneState.prototype.held = $util.emptyArray;

                /**
                 * LaneState damaged.
                 * @member {boolean} damaged
                 * @memberof atalaia.relay.v1.LaneState
                 * @instance
                 */
                LaneState.prototype.damaged = false;

                /**
                 * Creates a new LaneState instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.LaneState
                 * @static
                 * @param {atalaia.relay.v1.LaneState.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.LaneState} LaneState instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.LaneState.$Shape): atalaia.relay.v1.LaneState & atalaia.relay.v1.LaneState.$Shape;
                 *   (properties?: atalaia.relay.v1.LaneState.$Properties): atalaia.relay.v1.LaneState;
                 * }}
                 */
                LaneState.create = function(properties) {
                    return new LaneState(properties);
                };

                /**
                 * Encodes the specified LaneState message. Does not implicitly {@link atalaia.relay.v1.LaneState.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.LaneState
                 * @static
                 * @param {atalaia.relay.v1.LaneState.$Properties} message LaneState message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                LaneState.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.lane != null && $Object.hasOwnProperty.call(message, "lane") && message.lane !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).int32(message.lane);
                    if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.epoch);
                    if (message.oldestSequence != null && $Object.hasOwnProperty.call(message, "oldestSequence") && (typeof message.oldestSequence === "object" ? message.oldestSequence.low || message.oldestSequence.high : message.oldestSequence !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.oldestSequence);
                    if (message.nextSequence != null && $Object.hasOwnProperty.call(message, "nextSequence") && (typeof message.nextSequence === "object" ? message.nextSequence.low || message.nextSequence.high : message.nextSequence !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.nextSequence);
                    if (message.held != null && message.held.length)
                        for (let i = 0; i < message.held.length; ++i)
                            $root.atalaia.relay.v1.HeldHash.encode(message.held[i], writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                    if (message.damaged != null && $Object.hasOwnProperty.call(message, "damaged") && message.damaged !== false)
                        writer.uint32(/* id 6, wireType 0 =*/48).bool(message.damaged);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a LaneState message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.LaneState
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.LaneState & atalaia.relay.v1.LaneState.$Shape} LaneState
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                LaneState.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.LaneState();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.lane = value;
                                else
                                    delete message.lane;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.epoch = value;
                                else
                                    delete message.epoch;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.oldestSequence = value;
                                else
                                    delete message.oldestSequence;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.nextSequence = value;
                                else
                                    delete message.nextSequence;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.held && message.held.length))
                                    message.held = [];
                                message.held.push($root.atalaia.relay.v1.HeldHash.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.damaged = value;
                                else
                                    delete message.damaged;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return LaneState;
            })();

            v1.HeldHash = (function() {

                /**
                 * Properties of a HeldHash.
                 * @typedef {Object} atalaia.relay.v1.HeldHash.$Properties
                 * @property {number|null} [sequence] HeldHash sequence
                 * @property {Uint8Array|null} [hash] HeldHash hash
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a HeldHash.
                 * @memberof atalaia.relay.v1
                 * @interface IHeldHash
                 * @augments atalaia.relay.v1.HeldHash.$Properties
                 * @deprecated Use atalaia.relay.v1.HeldHash.$Properties instead.
                 */

                /**
                 * Shape of a HeldHash.
                 * @typedef {atalaia.relay.v1.HeldHash.$Properties} atalaia.relay.v1.HeldHash.$Shape
                 */

                /**
                 * Constructs a new HeldHash.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a HeldHash.
                 * @constructor
                 * @param {atalaia.relay.v1.HeldHash.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const HeldHash = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * HeldHash sequence.
                 * @member {number} sequence
                 * @memberof atalaia.relay.v1.HeldHash
                 * @instance
                 */
                HeldHash.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * HeldHash hash.
                 * @member {Uint8Array} hash
                 * @memberof atalaia.relay.v1.HeldHash
                 * @instance
                 */
                HeldHash.prototype.hash = $util.newBuffer([]);

                /**
                 * Creates a new HeldHash instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.HeldHash
                 * @static
                 * @param {atalaia.relay.v1.HeldHash.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.HeldHash} HeldHash instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.HeldHash.$Shape): atalaia.relay.v1.HeldHash & atalaia.relay.v1.HeldHash.$Shape;
                 *   (properties?: atalaia.relay.v1.HeldHash.$Properties): atalaia.relay.v1.HeldHash;
                 * }}
                 */
                HeldHash.create = function(properties) {
                    return new HeldHash(properties);
                };

                /**
                 * Encodes the specified HeldHash message. Does not implicitly {@link atalaia.relay.v1.HeldHash.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.HeldHash
                 * @static
                 * @param {atalaia.relay.v1.HeldHash.$Properties} message HeldHash message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                HeldHash.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.sequence);
                    if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.hash);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a HeldHash message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.HeldHash
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.HeldHash & atalaia.relay.v1.HeldHash.$Shape} HeldHash
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                HeldHash.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.HeldHash();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.sequence = value;
                                else
                                    delete message.sequence;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.hash = value;
                                else
                                    delete message.hash;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return HeldHash;
            })();

            v1.SourceState = (function() {

                /**
                 * Properties of a SourceState.
                 * @typedef {Object} atalaia.relay.v1.SourceState.$Properties
                 * @property {string|null} [sourceId] SourceState sourceId
                 * @property {string|null} [type] SourceState type
                 * @property {number|null} [linesRead] SourceState linesRead
                 * @property {number|null} [bytesRead] SourceState bytesRead
                 * @property {number|null} [lagBytes] SourceState lagBytes
                 * @property {number|null} [lastReadMs] SourceState lastReadMs
                 * @property {string|null} [problem] SourceState problem
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a SourceState.
                 * @memberof atalaia.relay.v1
                 * @interface ISourceState
                 * @augments atalaia.relay.v1.SourceState.$Properties
                 * @deprecated Use atalaia.relay.v1.SourceState.$Properties instead.
                 */

                /**
                 * Shape of a SourceState.
                 * @typedef {atalaia.relay.v1.SourceState.$Properties} atalaia.relay.v1.SourceState.$Shape
                 */

                /**
                 * Constructs a new SourceState.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a SourceState.
                 * @constructor
                 * @param {atalaia.relay.v1.SourceState.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const SourceState = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * SourceState sourceId.
                 * @member {string} sourceId
                 * @memberof atalaia.relay.v1.SourceState
                 * @instance
                 */
                SourceState.prototype.sourceId = "";

                /**
                 * SourceState type.
                 * @member {string} type
                 * @memberof atalaia.relay.v1.SourceState
                 * @instance
                 */
                SourceState.prototype.type = "";

                /**
                 * SourceState linesRead.
                 * @member {number} linesRead
                 * @memberof atalaia.relay.v1.SourceState
                 * @instance
                 */
                SourceState.prototype.linesRead = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * SourceState bytesRead.
                 * @member {number} bytesRead
                 * @memberof atalaia.relay.v1.SourceState
                 * @instance
                 */
                SourceState.prototype.bytesRead = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * SourceState lagBytes.
                 * @member {number} lagBytes
                 * @memberof atalaia.relay.v1.SourceState
                 * @instance
                 */
                SourceState.prototype.lagBytes = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * SourceState lastReadMs.
                 * @member {number} lastReadMs
                 * @memberof atalaia.relay.v1.SourceState
                 * @instance
                 */
                SourceState.prototype.lastReadMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * SourceState problem.
                 * @member {string} problem
                 * @memberof atalaia.relay.v1.SourceState
                 * @instance
                 */
                SourceState.prototype.problem = "";

                /**
                 * Creates a new SourceState instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.SourceState
                 * @static
                 * @param {atalaia.relay.v1.SourceState.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.SourceState} SourceState instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.SourceState.$Shape): atalaia.relay.v1.SourceState & atalaia.relay.v1.SourceState.$Shape;
                 *   (properties?: atalaia.relay.v1.SourceState.$Properties): atalaia.relay.v1.SourceState;
                 * }}
                 */
                SourceState.create = function(properties) {
                    return new SourceState(properties);
                };

                /**
                 * Encodes the specified SourceState message. Does not implicitly {@link atalaia.relay.v1.SourceState.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.SourceState
                 * @static
                 * @param {atalaia.relay.v1.SourceState.$Properties} message SourceState message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                SourceState.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.sourceId != null && $Object.hasOwnProperty.call(message, "sourceId") && message.sourceId !== "")
                        writer.uint32(/* id 1, wireType 2 =*/10).string(message.sourceId);
                    if (message.type != null && $Object.hasOwnProperty.call(message, "type") && message.type !== "")
                        writer.uint32(/* id 2, wireType 2 =*/18).string(message.type);
                    if (message.linesRead != null && $Object.hasOwnProperty.call(message, "linesRead") && (typeof message.linesRead === "object" ? message.linesRead.low || message.linesRead.high : message.linesRead !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.linesRead);
                    if (message.bytesRead != null && $Object.hasOwnProperty.call(message, "bytesRead") && (typeof message.bytesRead === "object" ? message.bytesRead.low || message.bytesRead.high : message.bytesRead !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.bytesRead);
                    if (message.lagBytes != null && $Object.hasOwnProperty.call(message, "lagBytes") && (typeof message.lagBytes === "object" ? message.lagBytes.low || message.lagBytes.high : message.lagBytes !== 0))
                        writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.lagBytes);
                    if (message.lastReadMs != null && $Object.hasOwnProperty.call(message, "lastReadMs") && (typeof message.lastReadMs === "object" ? message.lastReadMs.low || message.lastReadMs.high : message.lastReadMs !== 0))
                        writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.lastReadMs);
                    if (message.problem != null && $Object.hasOwnProperty.call(message, "problem") && message.problem !== "")
                        writer.uint32(/* id 7, wireType 2 =*/58).string(message.problem);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a SourceState message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.SourceState
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.SourceState & atalaia.relay.v1.SourceState.$Shape} SourceState
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                SourceState.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.SourceState();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.sourceId = value;
                                else
                                    delete message.sourceId;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.type = value;
                                else
                                    delete message.type;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.linesRead = value;
                                else
                                    delete message.linesRead;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.bytesRead = value;
                                else
                                    delete message.bytesRead;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.lagBytes = value;
                                else
                                    delete message.lagBytes;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.lastReadMs = value;
                                else
                                    delete message.lastReadMs;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.problem = value;
                                else
                                    delete message.problem;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return SourceState;
            })();

            v1.Heartbeat = (function() {

                /**
                 * Properties of a Heartbeat.
                 * @typedef {Object} atalaia.relay.v1.Heartbeat.$Properties
                 * @property {number|null} [agentClockMs] Heartbeat agentClockMs
                 * @property {Array.<atalaia.relay.v1.SourceState.$Properties>|null} [sources] Heartbeat sources
                 * @property {number|null} [bufferedBatches] Heartbeat bufferedBatches
                 * @property {number|null} [bufferedBytes] Heartbeat bufferedBytes
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Heartbeat.
                 * @memberof atalaia.relay.v1
                 * @interface IHeartbeat
                 * @augments atalaia.relay.v1.Heartbeat.$Properties
                 * @deprecated Use atalaia.relay.v1.Heartbeat.$Properties instead.
                 */

                /**
                 * Shape of a Heartbeat.
                 * @typedef {atalaia.relay.v1.Heartbeat.$Properties} atalaia.relay.v1.Heartbeat.$Shape
                 */

                /**
                 * Constructs a new Heartbeat.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a Heartbeat.
                 * @constructor
                 * @param {atalaia.relay.v1.Heartbeat.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Heartbeat = function (properties) {
                    this.sources = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Heartbeat agentClockMs.
                 * @member {number} agentClockMs
                 * @memberof atalaia.relay.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.agentClockMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Heartbeat sources.
                 * @member {Array.<atalaia.relay.v1.SourceState.$Properties>} sources
                 * @memberof atalaia.relay.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.sources = $util.emptyArray;

                /**
                 * Heartbeat bufferedBatches.
                 * @member {number} bufferedBatches
                 * @memberof atalaia.relay.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.bufferedBatches = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Heartbeat bufferedBytes.
                 * @member {number} bufferedBytes
                 * @memberof atalaia.relay.v1.Heartbeat
                 * @instance
                 */
                Heartbeat.prototype.bufferedBytes = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Creates a new Heartbeat instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Heartbeat
                 * @static
                 * @param {atalaia.relay.v1.Heartbeat.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Heartbeat} Heartbeat instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Heartbeat.$Shape): atalaia.relay.v1.Heartbeat & atalaia.relay.v1.Heartbeat.$Shape;
                 *   (properties?: atalaia.relay.v1.Heartbeat.$Properties): atalaia.relay.v1.Heartbeat;
                 * }}
                 */
                Heartbeat.create = function(properties) {
                    return new Heartbeat(properties);
                };

                /**
                 * Encodes the specified Heartbeat message. Does not implicitly {@link atalaia.relay.v1.Heartbeat.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Heartbeat
                 * @static
                 * @param {atalaia.relay.v1.Heartbeat.$Properties} message Heartbeat message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Heartbeat.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.agentClockMs != null && $Object.hasOwnProperty.call(message, "agentClockMs") && (typeof message.agentClockMs === "object" ? message.agentClockMs.low || message.agentClockMs.high : message.agentClockMs !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.agentClockMs);
                    if (message.sources != null && message.sources.length)
                        for (let i = 0; i < message.sources.length; ++i)
                            $root.atalaia.relay.v1.SourceState.encode(message.sources[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.bufferedBatches != null && $Object.hasOwnProperty.call(message, "bufferedBatches") && (typeof message.bufferedBatches === "object" ? message.bufferedBatches.low || message.bufferedBatches.high : message.bufferedBatches !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.bufferedBatches);
                    if (message.bufferedBytes != null && $Object.hasOwnProperty.call(message, "bufferedBytes") && (typeof message.bufferedBytes === "object" ? message.bufferedBytes.low || message.bufferedBytes.high : message.bufferedBytes !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.bufferedBytes);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Heartbeat message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Heartbeat
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Heartbeat & atalaia.relay.v1.Heartbeat.$Shape} Heartbeat
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Heartbeat.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Heartbeat();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.agentClockMs = value;
                                else
                                    delete message.agentClockMs;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.sources && message.sources.length))
                                    message.sources = [];
                                message.sources.push($root.atalaia.relay.v1.SourceState.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.bufferedBatches = value;
                                else
                                    delete message.bufferedBatches;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.bufferedBytes = value;
                                else
                                    delete message.bufferedBytes;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Heartbeat;
            })();

            v1.Welcome = (function() {

                /**
                 * Properties of a Welcome.
                 * @typedef {Object} atalaia.relay.v1.Welcome.$Properties
                 * @property {number|null} [protocolVersion] Welcome protocolVersion
                 * @property {Uint8Array|null} [hubId] Welcome hubId
                 * @property {Uint8Array|null} [incarnation] Welcome incarnation
                 * @property {Array.<atalaia.relay.v1.LaneWelcome.$Properties>|null} [lanes] Welcome lanes
                 * @property {atalaia.relay.v1.Credit.$Properties|null} [credit] Welcome credit
                 * @property {number|null} [hubClockMs] Welcome hubClockMs
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Welcome.
                 * @memberof atalaia.relay.v1
                 * @interface IWelcome
                 * @augments atalaia.relay.v1.Welcome.$Properties
                 * @deprecated Use atalaia.relay.v1.Welcome.$Properties instead.
                 */

                /**
                 * Shape of a Welcome.
                 * @typedef {atalaia.relay.v1.Welcome.$Properties} atalaia.relay.v1.Welcome.$Shape
                 */

                /**
                 * Constructs a new Welcome.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a Welcome.
                 * @constructor
                 * @param {atalaia.relay.v1.Welcome.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Welcome = function (properties) {
                    this.lanes = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Welcome protocolVersion.
                 * @member {number} protocolVersion
                 * @memberof atalaia.relay.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.protocolVersion = 0;

                /**
                 * Welcome hubId.
                 * @member {Uint8Array} hubId
                 * @memberof atalaia.relay.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.hubId = $util.newBuffer([]);

                /**
                 * Welcome incarnation.
                 * @member {Uint8Array} incarnation
                 * @memberof atalaia.relay.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.incarnation = $util.newBuffer([]);

                /**
                 * Welcome lanes.
                 * @member {Array.<atalaia.relay.v1.LaneWelcome.$Properties>} lanes
                 * @memberof atalaia.relay.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.lanes = $util.emptyArray;

                /**
                 * Welcome credit.
                 * @member {atalaia.relay.v1.Credit.$Properties|null|undefined} credit
                 * @memberof atalaia.relay.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.credit = null;

                /**
                 * Welcome hubClockMs.
                 * @member {number} hubClockMs
                 * @memberof atalaia.relay.v1.Welcome
                 * @instance
                 */
                Welcome.prototype.hubClockMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Creates a new Welcome instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Welcome
                 * @static
                 * @param {atalaia.relay.v1.Welcome.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Welcome} Welcome instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Welcome.$Shape): atalaia.relay.v1.Welcome & atalaia.relay.v1.Welcome.$Shape;
                 *   (properties?: atalaia.relay.v1.Welcome.$Properties): atalaia.relay.v1.Welcome;
                 * }}
                 */
                Welcome.create = function(properties) {
                    return new Welcome(properties);
                };

                /**
                 * Encodes the specified Welcome message. Does not implicitly {@link atalaia.relay.v1.Welcome.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Welcome
                 * @static
                 * @param {atalaia.relay.v1.Welcome.$Properties} message Welcome message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Welcome.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.protocolVersion != null && $Object.hasOwnProperty.call(message, "protocolVersion") && message.protocolVersion !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.protocolVersion);
                    if (message.hubId != null && $Object.hasOwnProperty.call(message, "hubId") && message.hubId.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.hubId);
                    if (message.incarnation != null && $Object.hasOwnProperty.call(message, "incarnation") && message.incarnation.length)
                        writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.incarnation);
                    if (message.lanes != null && message.lanes.length)
                        for (let i = 0; i < message.lanes.length; ++i)
                            $root.atalaia.relay.v1.LaneWelcome.encode(message.lanes[i], writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                    if (message.credit != null && $Object.hasOwnProperty.call(message, "credit"))
                        $root.atalaia.relay.v1.Credit.encode(message.credit, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                    if (message.hubClockMs != null && $Object.hasOwnProperty.call(message, "hubClockMs") && (typeof message.hubClockMs === "object" ? message.hubClockMs.low || message.hubClockMs.high : message.hubClockMs !== 0))
                        writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.hubClockMs);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Welcome message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Welcome
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Welcome & atalaia.relay.v1.Welcome.$Shape} Welcome
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Welcome.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Welcome();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.protocolVersion = value;
                                else
                                    delete message.protocolVersion;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.hubId = value;
                                else
                                    delete message.hubId;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.incarnation = value;
                                else
                                    delete message.incarnation;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.lanes && message.lanes.length))
                                    message.lanes = [];
                                message.lanes.push($root.atalaia.relay.v1.LaneWelcome.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                message.credit = $root.atalaia.relay.v1.Credit.decode(reader, reader.size(), $undefined, _depth + 1, message.credit);
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.hubClockMs = value;
                                else
                                    delete message.hubClockMs;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Welcome;
            })();

            v1.LaneWelcome = (function() {

                /**
                 * Properties of a LaneWelcome.
                 * @typedef {Object} atalaia.relay.v1.LaneWelcome.$Properties
                 * @property {atalaia.relay.v1.Lane|null} [lane] LaneWelcome lane
                 * @property {Uint8Array|null} [epoch] LaneWelcome epoch
                 * @property {boolean|null} [epochKnown] LaneWelcome epochKnown
                 * @property {number|null} [commonSequence] LaneWelcome commonSequence
                 * @property {Uint8Array|null} [commonHash] LaneWelcome commonHash
                 * @property {boolean|null} [parted] LaneWelcome parted
                 * @property {Array.<atalaia.relay.v1.StreamPosition.$Properties>|null} [positions] LaneWelcome positions
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a LaneWelcome.
                 * @memberof atalaia.relay.v1
                 * @interface ILaneWelcome
                 * @augments atalaia.relay.v1.LaneWelcome.$Properties
                 * @deprecated Use atalaia.relay.v1.LaneWelcome.$Properties instead.
                 */

                /**
                 * Shape of a LaneWelcome.
                 * @typedef {atalaia.relay.v1.LaneWelcome.$Properties} atalaia.relay.v1.LaneWelcome.$Shape
                 */

                /**
                 * Constructs a new LaneWelcome.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a LaneWelcome.
                 * @constructor
                 * @param {atalaia.relay.v1.LaneWelcome.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const LaneWelcome = function (properties) {
                    this.positions = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * LaneWelcome lane.
                 * @member {atalaia.relay.v1.Lane} lane
                 * @memberof atalaia.relay.v1.LaneWelcome
                 * @instance
                 */
                LaneWelcome.prototype.lane = 0;

                /**
                 * LaneWelcome epoch.
                 * @member {Uint8Array} epoch
                 * @memberof atalaia.relay.v1.LaneWelcome
                 * @instance
                 */
                LaneWelcome.prototype.epoch = $util.newBuffer([]);

                /**
                 * LaneWelcome epochKnown.
                 * @member {boolean} epochKnown
                 * @memberof atalaia.relay.v1.LaneWelcome
                 * @instance
                 */
                LaneWelcome.prototype.epochKnown = false;

                /**
                 * LaneWelcome commonSequence.
                 * @member {number} commonSequence
                 * @memberof atalaia.relay.v1.LaneWelcome
                 * @instance
                 */
                LaneWelcome.prototype.commonSequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * LaneWelcome commonHash.
                 * @member {Uint8Array} commonHash
                 * @memberof atalaia.relay.v1.LaneWelcome
                 * @instance
                 */
                LaneWelcome.prototype.commonHash = $util.newBuffer([]);

                /**
                 * LaneWelcome parted.
                 * @member {boolean} parted
                 * @memberof atalaia.relay.v1.LaneWelcome
                 * @instance
                 */
                LaneWelcome.prototype.parted = false;

                /**
                 * LaneWelcome positions.
                 * @member {Array.<atalaia.relay.v1.StreamPosition.$Properties>} positions
                 * @memberof atalaia.relay.v1.LaneWelcome
                 * @instance
                 */
                LaneWelcome.prototype.positions = $util.emptyArray;

                /**
                 * Creates a new LaneWelcome instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.LaneWelcome
                 * @static
                 * @param {atalaia.relay.v1.LaneWelcome.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.LaneWelcome} LaneWelcome instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.LaneWelcome.$Shape): atalaia.relay.v1.LaneWelcome & atalaia.relay.v1.LaneWelcome.$Shape;
                 *   (properties?: atalaia.relay.v1.LaneWelcome.$Properties): atalaia.relay.v1.LaneWelcome;
                 * }}
                 */
                LaneWelcome.create = function(properties) {
                    return new LaneWelcome(properties);
                };

                /**
                 * Encodes the specified LaneWelcome message. Does not implicitly {@link atalaia.relay.v1.LaneWelcome.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.LaneWelcome
                 * @static
                 * @param {atalaia.relay.v1.LaneWelcome.$Properties} message LaneWelcome message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                LaneWelcome.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.lane != null && $Object.hasOwnProperty.call(message, "lane") && message.lane !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).int32(message.lane);
                    if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.epoch);
                    if (message.epochKnown != null && $Object.hasOwnProperty.call(message, "epochKnown") && message.epochKnown !== false)
                        writer.uint32(/* id 3, wireType 0 =*/24).bool(message.epochKnown);
                    if (message.commonSequence != null && $Object.hasOwnProperty.call(message, "commonSequence") && (typeof message.commonSequence === "object" ? message.commonSequence.low || message.commonSequence.high : message.commonSequence !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.commonSequence);
                    if (message.commonHash != null && $Object.hasOwnProperty.call(message, "commonHash") && message.commonHash.length)
                        writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.commonHash);
                    if (message.parted != null && $Object.hasOwnProperty.call(message, "parted") && message.parted !== false)
                        writer.uint32(/* id 6, wireType 0 =*/48).bool(message.parted);
                    if (message.positions != null && message.positions.length)
                        for (let i = 0; i < message.positions.length; ++i)
                            $root.atalaia.relay.v1.StreamPosition.encode(message.positions[i], writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a LaneWelcome message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.LaneWelcome
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.LaneWelcome & atalaia.relay.v1.LaneWelcome.$Shape} LaneWelcome
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                LaneWelcome.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.LaneWelcome();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.lane = value;
                                else
                                    delete message.lane;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.epoch = value;
                                else
                                    delete message.epoch;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.epochKnown = value;
                                else
                                    delete message.epochKnown;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.commonSequence = value;
                                else
                                    delete message.commonSequence;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.commonHash = value;
                                else
                                    delete message.commonHash;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.parted = value;
                                else
                                    delete message.parted;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.positions && message.positions.length))
                                    message.positions = [];
                                message.positions.push($root.atalaia.relay.v1.StreamPosition.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return LaneWelcome;
            })();

            v1.StreamPosition = (function() {

                /**
                 * Properties of a StreamPosition.
                 * @typedef {Object} atalaia.relay.v1.StreamPosition.$Properties
                 * @property {string|null} [sourceId] StreamPosition sourceId
                 * @property {string|null} [streamId] StreamPosition streamId
                 * @property {atalaia.relay.v1.FileIdentity.$Properties|null} [file] StreamPosition file
                 * @property {number|null} [offset] StreamPosition offset
                 * @property {number|null} [lineNumber] StreamPosition lineNumber
                 * @property {Uint8Array|null} [tailHash] StreamPosition tailHash
                 * @property {atalaia.relay.v1.StreamCounters.$Properties|null} [counters] StreamPosition counters
                 * @property {string|null} [cursor] StreamPosition cursor
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a StreamPosition.
                 * @memberof atalaia.relay.v1
                 * @interface IStreamPosition
                 * @augments atalaia.relay.v1.StreamPosition.$Properties
                 * @deprecated Use atalaia.relay.v1.StreamPosition.$Properties instead.
                 */

                /**
                 * Shape of a StreamPosition.
                 * @typedef {atalaia.relay.v1.StreamPosition.$Properties} atalaia.relay.v1.StreamPosition.$Shape
                 */

                /**
                 * Constructs a new StreamPosition.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a StreamPosition.
                 * @constructor
                 * @param {atalaia.relay.v1.StreamPosition.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const StreamPosition = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * StreamPosition sourceId.
                 * @member {string} sourceId
                 * @memberof atalaia.relay.v1.StreamPosition
                 * @instance
                 */
                StreamPosition.prototype.sourceId = "";

                /**
                 * StreamPosition streamId.
                 * @member {string} streamId
                 * @memberof atalaia.relay.v1.StreamPosition
                 * @instance
                 */
                StreamPosition.prototype.streamId = "";

                /**
                 * StreamPosition file.
                 * @member {atalaia.relay.v1.FileIdentity.$Properties|null|undefined} file
                 * @memberof atalaia.relay.v1.StreamPosition
                 * @instance
                 */
                StreamPosition.prototype.file = null;

                /**
                 * StreamPosition offset.
                 * @member {number} offset
                 * @memberof atalaia.relay.v1.StreamPosition
                 * @instance
                 */
                StreamPosition.prototype.offset = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * StreamPosition lineNumber.
                 * @member {number} lineNumber
                 * @memberof atalaia.relay.v1.StreamPosition
                 * @instance
                 */
                StreamPosition.prototype.lineNumber = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * StreamPosition tailHash.
                 * @member {Uint8Array} tailHash
                 * @memberof atalaia.relay.v1.StreamPosition
                 * @instance
                 */
                StreamPosition.prototype.tailHash = $util.newBuffer([]);

                /**
                 * StreamPosition counters.
                 * @member {atalaia.relay.v1.StreamCounters.$Properties|null|undefined} counters
                 * @memberof atalaia.relay.v1.StreamPosition
                 * @instance
                 */
                StreamPosition.prototype.counters = null;

                /**
                 * StreamPosition cursor.
                 * @member {string} cursor
                 * @memberof atalaia.relay.v1.StreamPosition
                 * @instance
                 */
                StreamPosition.prototype.cursor = "";

                /**
                 * Creates a new StreamPosition instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.StreamPosition
                 * @static
                 * @param {atalaia.relay.v1.StreamPosition.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.StreamPosition} StreamPosition instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.StreamPosition.$Shape): atalaia.relay.v1.StreamPosition & atalaia.relay.v1.StreamPosition.$Shape;
                 *   (properties?: atalaia.relay.v1.StreamPosition.$Properties): atalaia.relay.v1.StreamPosition;
                 * }}
                 */
                StreamPosition.create = function(properties) {
                    return new StreamPosition(properties);
                };

                /**
                 * Encodes the specified StreamPosition message. Does not implicitly {@link atalaia.relay.v1.StreamPosition.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.StreamPosition
                 * @static
                 * @param {atalaia.relay.v1.StreamPosition.$Properties} message StreamPosition message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                StreamPosition.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.sourceId != null && $Object.hasOwnProperty.call(message, "sourceId") && message.sourceId !== "")
                        writer.uint32(/* id 1, wireType 2 =*/10).string(message.sourceId);
                    if (message.streamId != null && $Object.hasOwnProperty.call(message, "streamId") && message.streamId !== "")
                        writer.uint32(/* id 2, wireType 2 =*/18).string(message.streamId);
                    if (message.file != null && $Object.hasOwnProperty.call(message, "file"))
                        $root.atalaia.relay.v1.FileIdentity.encode(message.file, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.offset != null && $Object.hasOwnProperty.call(message, "offset") && (typeof message.offset === "object" ? message.offset.low || message.offset.high : message.offset !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.offset);
                    if (message.lineNumber != null && $Object.hasOwnProperty.call(message, "lineNumber") && (typeof message.lineNumber === "object" ? message.lineNumber.low || message.lineNumber.high : message.lineNumber !== 0))
                        writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.lineNumber);
                    if (message.tailHash != null && $Object.hasOwnProperty.call(message, "tailHash") && message.tailHash.length)
                        writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.tailHash);
                    if (message.counters != null && $Object.hasOwnProperty.call(message, "counters"))
                        $root.atalaia.relay.v1.StreamCounters.encode(message.counters, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                    if (message.cursor != null && $Object.hasOwnProperty.call(message, "cursor") && message.cursor !== "")
                        writer.uint32(/* id 8, wireType 2 =*/66).string(message.cursor);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a StreamPosition message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.StreamPosition
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.StreamPosition & atalaia.relay.v1.StreamPosition.$Shape} StreamPosition
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                StreamPosition.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.StreamPosition();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.sourceId = value;
                                else
                                    delete message.sourceId;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.streamId = value;
                                else
                                    delete message.streamId;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                message.file = $root.atalaia.relay.v1.FileIdentity.decode(reader, reader.size(), $undefined, _depth + 1, message.file);
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.offset = value;
                                else
                                    delete message.offset;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.lineNumber = value;
                                else
                                    delete message.lineNumber;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.tailHash = value;
                                else
                                    delete message.tailHash;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                message.counters = $root.atalaia.relay.v1.StreamCounters.decode(reader, reader.size(), $undefined, _depth + 1, message.counters);
                                continue;
                            }
                        case 8: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.cursor = value;
                                else
                                    delete message.cursor;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return StreamPosition;
            })();

            v1.Credit = (function() {

                /**
                 * Properties of a Credit.
                 * @typedef {Object} atalaia.relay.v1.Credit.$Properties
                 * @property {number|null} [batches] Credit batches
                 * @property {number|null} [bytes] Credit bytes
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Credit.
                 * @memberof atalaia.relay.v1
                 * @interface ICredit
                 * @augments atalaia.relay.v1.Credit.$Properties
                 * @deprecated Use atalaia.relay.v1.Credit.$Properties instead.
                 */

                /**
                 * Shape of a Credit.
                 * @typedef {atalaia.relay.v1.Credit.$Properties} atalaia.relay.v1.Credit.$Shape
                 */

                /**
                 * Constructs a new Credit.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a Credit.
                 * @constructor
                 * @param {atalaia.relay.v1.Credit.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Credit = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Credit batches.
                 * @member {number} batches
                 * @memberof atalaia.relay.v1.Credit
                 * @instance
                 */
                Credit.prototype.batches = 0;

                /**
                 * Credit bytes.
                 * @member {number} bytes
                 * @memberof atalaia.relay.v1.Credit
                 * @instance
                 */
                Credit.prototype.bytes = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Creates a new Credit instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Credit
                 * @static
                 * @param {atalaia.relay.v1.Credit.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Credit} Credit instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Credit.$Shape): atalaia.relay.v1.Credit & atalaia.relay.v1.Credit.$Shape;
                 *   (properties?: atalaia.relay.v1.Credit.$Properties): atalaia.relay.v1.Credit;
                 * }}
                 */
                Credit.create = function(properties) {
                    return new Credit(properties);
                };

                /**
                 * Encodes the specified Credit message. Does not implicitly {@link atalaia.relay.v1.Credit.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Credit
                 * @static
                 * @param {atalaia.relay.v1.Credit.$Properties} message Credit message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Credit.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.batches != null && $Object.hasOwnProperty.call(message, "batches") && message.batches !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.batches);
                    if (message.bytes != null && $Object.hasOwnProperty.call(message, "bytes") && (typeof message.bytes === "object" ? message.bytes.low || message.bytes.high : message.bytes !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.bytes);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Credit message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Credit
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Credit & atalaia.relay.v1.Credit.$Shape} Credit
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Credit.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Credit();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.batches = value;
                                else
                                    delete message.batches;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.bytes = value;
                                else
                                    delete message.bytes;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Credit;
            })();

            v1.Batch = (function() {

                /**
                 * Properties of a Batch.
                 * @typedef {Object} atalaia.relay.v1.Batch.$Properties
                 * @property {atalaia.relay.v1.Lane|null} [lane] Batch lane
                 * @property {Uint8Array|null} [epoch] Batch epoch
                 * @property {number|null} [sequence] Batch sequence
                 * @property {Uint8Array|null} [hash] Batch hash
                 * @property {Uint8Array|null} [body] Batch body
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Batch.
                 * @memberof atalaia.relay.v1
                 * @interface IBatch
                 * @augments atalaia.relay.v1.Batch.$Properties
                 * @deprecated Use atalaia.relay.v1.Batch.$Properties instead.
                 */

                /**
                 * Shape of a Batch.
                 * @typedef {atalaia.relay.v1.Batch.$Properties} atalaia.relay.v1.Batch.$Shape
                 */

                /**
                 * Constructs a new Batch.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a Batch.
                 * @constructor
                 * @param {atalaia.relay.v1.Batch.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Batch = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Batch lane.
                 * @member {atalaia.relay.v1.Lane} lane
                 * @memberof atalaia.relay.v1.Batch
                 * @instance
                 */
                Batch.prototype.lane = 0;

                /**
                 * Batch epoch.
                 * @member {Uint8Array} epoch
                 * @memberof atalaia.relay.v1.Batch
                 * @instance
                 */
                Batch.prototype.epoch = $util.newBuffer([]);

                /**
                 * Batch sequence.
                 * @member {number} sequence
                 * @memberof atalaia.relay.v1.Batch
                 * @instance
                 */
                Batch.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Batch hash.
                 * @member {Uint8Array} hash
                 * @memberof atalaia.relay.v1.Batch
                 * @instance
                 */
                Batch.prototype.hash = $util.newBuffer([]);

                /**
                 * Batch body.
                 * @member {Uint8Array} body
                 * @memberof atalaia.relay.v1.Batch
                 * @instance
                 */
                Batch.prototype.body = $util.newBuffer([]);

                /**
                 * Creates a new Batch instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Batch
                 * @static
                 * @param {atalaia.relay.v1.Batch.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Batch} Batch instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Batch.$Shape): atalaia.relay.v1.Batch & atalaia.relay.v1.Batch.$Shape;
                 *   (properties?: atalaia.relay.v1.Batch.$Properties): atalaia.relay.v1.Batch;
                 * }}
                 */
                Batch.create = function(properties) {
                    return new Batch(properties);
                };

                /**
                 * Encodes the specified Batch message. Does not implicitly {@link atalaia.relay.v1.Batch.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Batch
                 * @static
                 * @param {atalaia.relay.v1.Batch.$Properties} message Batch message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Batch.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.lane != null && $Object.hasOwnProperty.call(message, "lane") && message.lane !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).int32(message.lane);
                    if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.epoch);
                    if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.sequence);
                    if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash.length)
                        writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.hash);
                    if (message.body != null && $Object.hasOwnProperty.call(message, "body") && message.body.length)
                        writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.body);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Batch message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Batch
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Batch & atalaia.relay.v1.Batch.$Shape} Batch
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Batch.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Batch();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.lane = value;
                                else
                                    delete message.lane;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.epoch = value;
                                else
                                    delete message.epoch;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.sequence = value;
                                else
                                    delete message.sequence;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.hash = value;
                                else
                                    delete message.hash;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.body = value;
                                else
                                    delete message.body;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Batch;
            })();

            v1.BatchBody = (function() {

                /**
                 * Properties of a BatchBody.
                 * @typedef {Object} atalaia.relay.v1.BatchBody.$Properties
                 * @property {Array.<atalaia.relay.v1.StreamEntry.$Properties>|null} [streams] BatchBody streams
                 * @property {number|null} [lineCount] BatchBody lineCount
                 * @property {number|null} [rawBytes] BatchBody rawBytes
                 * @property {Uint8Array|null} [lines] BatchBody lines
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a BatchBody.
                 * @memberof atalaia.relay.v1
                 * @interface IBatchBody
                 * @augments atalaia.relay.v1.BatchBody.$Properties
                 * @deprecated Use atalaia.relay.v1.BatchBody.$Properties instead.
                 */

                /**
                 * Shape of a BatchBody.
                 * @typedef {atalaia.relay.v1.BatchBody.$Properties} atalaia.relay.v1.BatchBody.$Shape
                 */

                /**
                 * Constructs a new BatchBody.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a BatchBody.
                 * @constructor
                 * @param {atalaia.relay.v1.BatchBody.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const BatchBody = function (properties) {
                    this.streams = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * BatchBody streams.
                 * @member {Array.<atalaia.relay.v1.StreamEntry.$Properties>} streams
                 * @memberof atalaia.relay.v1.BatchBody
                 * @instance
                 */
                BatchBody.prototype.streams = $util.emptyArray;

                /**
                 * BatchBody lineCount.
                 * @member {number} lineCount
                 * @memberof atalaia.relay.v1.BatchBody
                 * @instance
                 */
                BatchBody.prototype.lineCount = 0;

                /**
                 * BatchBody rawBytes.
                 * @member {number} rawBytes
                 * @memberof atalaia.relay.v1.BatchBody
                 * @instance
                 */
                BatchBody.prototype.rawBytes = 0;

                /**
                 * BatchBody lines.
                 * @member {Uint8Array} lines
                 * @memberof atalaia.relay.v1.BatchBody
                 * @instance
                 */
                BatchBody.prototype.lines = $util.newBuffer([]);

                /**
                 * Creates a new BatchBody instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.BatchBody
                 * @static
                 * @param {atalaia.relay.v1.BatchBody.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.BatchBody} BatchBody instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.BatchBody.$Shape): atalaia.relay.v1.BatchBody & atalaia.relay.v1.BatchBody.$Shape;
                 *   (properties?: atalaia.relay.v1.BatchBody.$Properties): atalaia.relay.v1.BatchBody;
                 * }}
                 */
                BatchBody.create = function(properties) {
                    return new BatchBody(properties);
                };

                /**
                 * Encodes the specified BatchBody message. Does not implicitly {@link atalaia.relay.v1.BatchBody.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.BatchBody
                 * @static
                 * @param {atalaia.relay.v1.BatchBody.$Properties} message BatchBody message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                BatchBody.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.streams != null && message.streams.length)
                        for (let i = 0; i < message.streams.length; ++i)
                            $root.atalaia.relay.v1.StreamEntry.encode(message.streams[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.lineCount != null && $Object.hasOwnProperty.call(message, "lineCount") && message.lineCount !== 0)
                        writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.lineCount);
                    if (message.rawBytes != null && $Object.hasOwnProperty.call(message, "rawBytes") && message.rawBytes !== 0)
                        writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.rawBytes);
                    if (message.lines != null && $Object.hasOwnProperty.call(message, "lines") && message.lines.length)
                        writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.lines);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a BatchBody message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.BatchBody
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.BatchBody & atalaia.relay.v1.BatchBody.$Shape} BatchBody
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                BatchBody.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.BatchBody();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.streams && message.streams.length))
                                    message.streams = [];
                                message.streams.push($root.atalaia.relay.v1.StreamEntry.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.lineCount = value;
                                else
                                    delete message.lineCount;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.rawBytes = value;
                                else
                                    delete message.rawBytes;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.lines = value;
                                else
                                    delete message.lines;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return BatchBody;
            })();

            v1.FileIdentity = (function() {

                /**
                 * Properties of a FileIdentity.
                 * @typedef {Object} atalaia.relay.v1.FileIdentity.$Properties
                 * @property {number|null} [device] FileIdentity device
                 * @property {number|null} [inode] FileIdentity inode
                 * @property {Uint8Array|null} [fingerprint] FileIdentity fingerprint
                 * @property {number|null} [fingerprintBytes] FileIdentity fingerprintBytes
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a FileIdentity.
                 * @memberof atalaia.relay.v1
                 * @interface IFileIdentity
                 * @augments atalaia.relay.v1.FileIdentity.$Properties
                 * @deprecated Use atalaia.relay.v1.FileIdentity.$Properties instead.
                 */

                /**
                 * Shape of a FileIdentity.
                 * @typedef {atalaia.relay.v1.FileIdentity.$Properties} atalaia.relay.v1.FileIdentity.$Shape
                 */

                /**
                 * Constructs a new FileIdentity.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a FileIdentity.
                 * @constructor
                 * @param {atalaia.relay.v1.FileIdentity.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const FileIdentity = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * FileIdentity device.
                 * @member {number} device
                 * @memberof atalaia.relay.v1.FileIdentity
                 * @instance
                 */
                FileIdentity.prototype.device = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * FileIdentity inode.
                 * @member {number} inode
                 * @memberof atalaia.relay.v1.FileIdentity
                 * @instance
                 */
                FileIdentity.prototype.inode = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * FileIdentity fingerprint.
                 * @member {Uint8Array} fingerprint
                 * @memberof atalaia.relay.v1.FileIdentity
                 * @instance
                 */
                FileIdentity.prototype.fingerprint = $util.newBuffer([]);

                /**
                 * FileIdentity fingerprintBytes.
                 * @member {number} fingerprintBytes
                 * @memberof atalaia.relay.v1.FileIdentity
                 * @instance
                 */
                FileIdentity.prototype.fingerprintBytes = 0;

                /**
                 * Creates a new FileIdentity instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.FileIdentity
                 * @static
                 * @param {atalaia.relay.v1.FileIdentity.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.FileIdentity} FileIdentity instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.FileIdentity.$Shape): atalaia.relay.v1.FileIdentity & atalaia.relay.v1.FileIdentity.$Shape;
                 *   (properties?: atalaia.relay.v1.FileIdentity.$Properties): atalaia.relay.v1.FileIdentity;
                 * }}
                 */
                FileIdentity.create = function(properties) {
                    return new FileIdentity(properties);
                };

                /**
                 * Encodes the specified FileIdentity message. Does not implicitly {@link atalaia.relay.v1.FileIdentity.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.FileIdentity
                 * @static
                 * @param {atalaia.relay.v1.FileIdentity.$Properties} message FileIdentity message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                FileIdentity.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.device != null && $Object.hasOwnProperty.call(message, "device") && (typeof message.device === "object" ? message.device.low || message.device.high : message.device !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.device);
                    if (message.inode != null && $Object.hasOwnProperty.call(message, "inode") && (typeof message.inode === "object" ? message.inode.low || message.inode.high : message.inode !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.inode);
                    if (message.fingerprint != null && $Object.hasOwnProperty.call(message, "fingerprint") && message.fingerprint.length)
                        writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.fingerprint);
                    if (message.fingerprintBytes != null && $Object.hasOwnProperty.call(message, "fingerprintBytes") && message.fingerprintBytes !== 0)
                        writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.fingerprintBytes);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a FileIdentity message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.FileIdentity
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.FileIdentity & atalaia.relay.v1.FileIdentity.$Shape} FileIdentity
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                FileIdentity.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.FileIdentity();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.device = value;
                                else
                                    delete message.device;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.inode = value;
                                else
                                    delete message.inode;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.fingerprint = value;
                                else
                                    delete message.fingerprint;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.fingerprintBytes = value;
                                else
                                    delete message.fingerprintBytes;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return FileIdentity;
            })();

            v1.StreamEntry = (function() {

                /**
                 * Properties of a StreamEntry.
                 * @typedef {Object} atalaia.relay.v1.StreamEntry.$Properties
                 * @property {string|null} [sourceId] StreamEntry sourceId
                 * @property {string|null} [streamId] StreamEntry streamId
                 * @property {atalaia.relay.v1.FileIdentity.$Properties|null} [file] StreamEntry file
                 * @property {string|null} [path] StreamEntry path
                 * @property {string|null} [typeHint] StreamEntry typeHint
                 * @property {string|null} [timeZone] StreamEntry timeZone
                 * @property {Object.<string,string>|null} [labels] StreamEntry labels
                 * @property {Uint8Array|null} [policyHash] StreamEntry policyHash
                 * @property {boolean|null} [isTrimmed] StreamEntry isTrimmed
                 * @property {number|null} [endOffset] StreamEntry endOffset
                 * @property {number|null} [endLineNumber] StreamEntry endLineNumber
                 * @property {Uint8Array|null} [tailHash] StreamEntry tailHash
                 * @property {number|null} [tailBytes] StreamEntry tailBytes
                 * @property {atalaia.relay.v1.StreamCounters.$Properties|null} [counters] StreamEntry counters
                 * @property {string|null} [cursor] StreamEntry cursor
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a StreamEntry.
                 * @memberof atalaia.relay.v1
                 * @interface IStreamEntry
                 * @augments atalaia.relay.v1.StreamEntry.$Properties
                 * @deprecated Use atalaia.relay.v1.StreamEntry.$Properties instead.
                 */

                /**
                 * Shape of a StreamEntry.
                 * @typedef {atalaia.relay.v1.StreamEntry.$Properties} atalaia.relay.v1.StreamEntry.$Shape
                 */

                /**
                 * Constructs a new StreamEntry.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a StreamEntry.
                 * @constructor
                 * @param {atalaia.relay.v1.StreamEntry.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const StreamEntry = function (properties) {
                    this.labels = {};
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * StreamEntry sourceId.
                 * @member {string} sourceId
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.sourceId = "";

                /**
                 * StreamEntry streamId.
                 * @member {string} streamId
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.streamId = "";

                /**
                 * StreamEntry file.
                 * @member {atalaia.relay.v1.FileIdentity.$Properties|null|undefined} file
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.file = null;

                /**
                 * StreamEntry path.
                 * @member {string} path
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.path = "";

                /**
                 * StreamEntry typeHint.
                 * @member {string} typeHint
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.typeHint = "";

                /**
                 * StreamEntry timeZone.
                 * @member {string} timeZone
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.timeZone = "";

                /**
                 * StreamEntry labels.
                 * @member {Object.<string,string>} labels
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.labels = $util.emptyObject;

                /**
                 * StreamEntry policyHash.
                 * @member {Uint8Array} policyHash
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.policyHash = $util.newBuffer([]);

                /**
                 * StreamEntry isTrimmed.
                 * @member {boolean} isTrimmed
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.isTrimmed = false;

                /**
                 * StreamEntry endOffset.
                 * @member {number} endOffset
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.endOffset = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * StreamEntry endLineNumber.
                 * @member {number} endLineNumber
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.endLineNumber = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * StreamEntry tailHash.
                 * @member {Uint8Array} tailHash
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.tailHash = $util.newBuffer([]);

                /**
                 * StreamEntry tailBytes.
                 * @member {number} tailBytes
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.tailBytes = 0;

                /**
                 * StreamEntry counters.
                 * @member {atalaia.relay.v1.StreamCounters.$Properties|null|undefined} counters
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.counters = null;

                /**
                 * StreamEntry cursor.
                 * @member {string} cursor
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @instance
                 */
                StreamEntry.prototype.cursor = "";

                /**
                 * Creates a new StreamEntry instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @static
                 * @param {atalaia.relay.v1.StreamEntry.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.StreamEntry} StreamEntry instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.StreamEntry.$Shape): atalaia.relay.v1.StreamEntry & atalaia.relay.v1.StreamEntry.$Shape;
                 *   (properties?: atalaia.relay.v1.StreamEntry.$Properties): atalaia.relay.v1.StreamEntry;
                 * }}
                 */
                StreamEntry.create = function(properties) {
                    return new StreamEntry(properties);
                };

                /**
                 * Encodes the specified StreamEntry message. Does not implicitly {@link atalaia.relay.v1.StreamEntry.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @static
                 * @param {atalaia.relay.v1.StreamEntry.$Properties} message StreamEntry message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                StreamEntry.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.sourceId != null && $Object.hasOwnProperty.call(message, "sourceId") && message.sourceId !== "")
                        writer.uint32(/* id 1, wireType 2 =*/10).string(message.sourceId);
                    if (message.streamId != null && $Object.hasOwnProperty.call(message, "streamId") && message.streamId !== "")
                        writer.uint32(/* id 2, wireType 2 =*/18).string(message.streamId);
                    if (message.file != null && $Object.hasOwnProperty.call(message, "file"))
                        $root.atalaia.relay.v1.FileIdentity.encode(message.file, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.path != null && $Object.hasOwnProperty.call(message, "path") && message.path !== "")
                        writer.uint32(/* id 4, wireType 2 =*/34).string(message.path);
                    if (message.typeHint != null && $Object.hasOwnProperty.call(message, "typeHint") && message.typeHint !== "")
                        writer.uint32(/* id 5, wireType 2 =*/42).string(message.typeHint);
                    if (message.timeZone != null && $Object.hasOwnProperty.call(message, "timeZone") && message.timeZone !== "")
                        writer.uint32(/* id 6, wireType 2 =*/50).string(message.timeZone);
                    if (message.labels != null && $Object.hasOwnProperty.call(message, "labels"))
                        for (let keys = $Object.keys(message.labels), i = 0; i < keys.length; ++i)
                            writer.uint32(/* id 7, wireType 2 =*/58).fork().uint32(/* id 1, wireType 2 =*/10).string(keys[i]).uint32(/* id 2, wireType 2 =*/18).string(message.labels[keys[i]]).ldelim();
                    if (message.policyHash != null && $Object.hasOwnProperty.call(message, "policyHash") && message.policyHash.length)
                        writer.uint32(/* id 8, wireType 2 =*/66).bytes(message.policyHash);
                    if (message.isTrimmed != null && $Object.hasOwnProperty.call(message, "isTrimmed") && message.isTrimmed !== false)
                        writer.uint32(/* id 9, wireType 0 =*/72).bool(message.isTrimmed);
                    if (message.endOffset != null && $Object.hasOwnProperty.call(message, "endOffset") && (typeof message.endOffset === "object" ? message.endOffset.low || message.endOffset.high : message.endOffset !== 0))
                        writer.uint32(/* id 10, wireType 0 =*/80).uint64(message.endOffset);
                    if (message.endLineNumber != null && $Object.hasOwnProperty.call(message, "endLineNumber") && (typeof message.endLineNumber === "object" ? message.endLineNumber.low || message.endLineNumber.high : message.endLineNumber !== 0))
                        writer.uint32(/* id 11, wireType 0 =*/88).uint64(message.endLineNumber);
                    if (message.tailHash != null && $Object.hasOwnProperty.call(message, "tailHash") && message.tailHash.length)
                        writer.uint32(/* id 12, wireType 2 =*/98).bytes(message.tailHash);
                    if (message.tailBytes != null && $Object.hasOwnProperty.call(message, "tailBytes") && message.tailBytes !== 0)
                        writer.uint32(/* id 13, wireType 0 =*/104).uint32(message.tailBytes);
                    if (message.counters != null && $Object.hasOwnProperty.call(message, "counters"))
                        $root.atalaia.relay.v1.StreamCounters.encode(message.counters, writer.uint32(/* id 14, wireType 2 =*/114).fork(), _depth + 1).ldelim();
                    if (message.cursor != null && $Object.hasOwnProperty.call(message, "cursor") && message.cursor !== "")
                        writer.uint32(/* id 15, wireType 2 =*/122).string(message.cursor);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a StreamEntry message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.StreamEntry
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.StreamEntry & atalaia.relay.v1.StreamEntry.$Shape} StreamEntry
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                StreamEntry.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, key, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.StreamEntry();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.sourceId = value;
                                else
                                    delete message.sourceId;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.streamId = value;
                                else
                                    delete message.streamId;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                message.file = $root.atalaia.relay.v1.FileIdentity.decode(reader, reader.size(), $undefined, _depth + 1, message.file);
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.path = value;
                                else
                                    delete message.path;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.typeHint = value;
                                else
                                    delete message.typeHint;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.timeZone = value;
                                else
                                    delete message.timeZone;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                if (message.labels === $util.emptyObject)
                                    message.labels = {};
                                let end2 = reader.size() + reader.pos;
                                if (end2 > reader.len)
                                    throw $RangeError("index out of range");
                                reader.len = end2;
                                key = "";
                                value = "";
                                while (reader.pos < end2) {
                                    let tag2 = reader.tag();
                                    wireType = tag2 & 7;
                                    switch (tag2 >>>= 3) {
                                    case 1:
                                        if (wireType !== 2)
                                            break;
                                        key = reader.stringVerify();
                                        continue;
                                    case 2:
                                        if (wireType !== 2)
                                            break;
                                        value = reader.stringVerify();
                                        continue;
                                    }
                                    reader.skipType(wireType, _depth, tag2);
                                }
                                if (reader.pos !== end2)
                                    throw $RangeError("index out of range");
                                reader.len = end;
                                if (key === "__proto__")
                                    $util.makeProp(message.labels, key);
                                message.labels[key] = value;
                                continue;
                            }
                        case 8: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.policyHash = value;
                                else
                                    delete message.policyHash;
                                continue;
                            }
                        case 9: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.isTrimmed = value;
                                else
                                    delete message.isTrimmed;
                                continue;
                            }
                        case 10: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.endOffset = value;
                                else
                                    delete message.endOffset;
                                continue;
                            }
                        case 11: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.endLineNumber = value;
                                else
                                    delete message.endLineNumber;
                                continue;
                            }
                        case 12: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.tailHash = value;
                                else
                                    delete message.tailHash;
                                continue;
                            }
                        case 13: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.tailBytes = value;
                                else
                                    delete message.tailBytes;
                                continue;
                            }
                        case 14: {
                                if (wireType !== 2)
                                    break;
                                message.counters = $root.atalaia.relay.v1.StreamCounters.decode(reader, reader.size(), $undefined, _depth + 1, message.counters);
                                continue;
                            }
                        case 15: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.cursor = value;
                                else
                                    delete message.cursor;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return StreamEntry;
            })();

            v1.StreamCounters = (function() {

                /**
                 * Properties of a StreamCounters.
                 * @typedef {Object} atalaia.relay.v1.StreamCounters.$Properties
                 * @property {number|null} [linesRead] StreamCounters linesRead
                 * @property {number|null} [linesFiltered] StreamCounters linesFiltered
                 * @property {number|null} [linesTrimmed] StreamCounters linesTrimmed
                 * @property {number|null} [linesCut] StreamCounters linesCut
                 * @property {number|null} [bytesRead] StreamCounters bytesRead
                 * @property {number|null} [bytesKept] StreamCounters bytesKept
                 * @property {Object.<string,number>|null} [linesDropped] StreamCounters linesDropped
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a StreamCounters.
                 * @memberof atalaia.relay.v1
                 * @interface IStreamCounters
                 * @augments atalaia.relay.v1.StreamCounters.$Properties
                 * @deprecated Use atalaia.relay.v1.StreamCounters.$Properties instead.
                 */

                /**
                 * Shape of a StreamCounters.
                 * @typedef {atalaia.relay.v1.StreamCounters.$Properties} atalaia.relay.v1.StreamCounters.$Shape
                 */

                /**
                 * Constructs a new StreamCounters.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a StreamCounters.
                 * @constructor
                 * @param {atalaia.relay.v1.StreamCounters.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const StreamCounters = function (properties) {
                    this.linesDropped = {};
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * StreamCounters linesRead.
                 * @member {number} linesRead
                 * @memberof atalaia.relay.v1.StreamCounters
                 * @instance
                 */
                StreamCounters.prototype.linesRead = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * StreamCounters linesFiltered.
                 * @member {number} linesFiltered
                 * @memberof atalaia.relay.v1.StreamCounters
                 * @instance
                 */
                StreamCounters.prototype.linesFiltered = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * StreamCounters linesTrimmed.
                 * @member {number} linesTrimmed
                 * @memberof atalaia.relay.v1.StreamCounters
                 * @instance
                 */
                StreamCounters.prototype.linesTrimmed = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * StreamCounters linesCut.
                 * @member {number} linesCut
                 * @memberof atalaia.relay.v1.StreamCounters
                 * @instance
                 */
                StreamCounters.prototype.linesCut = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * StreamCounters bytesRead.
                 * @member {number} bytesRead
                 * @memberof atalaia.relay.v1.StreamCounters
                 * @instance
                 */
                StreamCounters.prototype.bytesRead = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * StreamCounters bytesKept.
                 * @member {number} bytesKept
                 * @memberof atalaia.relay.v1.StreamCounters
                 * @instance
                 */
                StreamCounters.prototype.bytesKept = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * StreamCounters linesDropped.
                 * @member {Object.<string,number>} linesDropped
                 * @memberof atalaia.relay.v1.StreamCounters
                 * @instance
                 */
                StreamCounters.prototype.linesDropped = $util.emptyObject;

                /**
                 * Creates a new StreamCounters instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.StreamCounters
                 * @static
                 * @param {atalaia.relay.v1.StreamCounters.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.StreamCounters} StreamCounters instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.StreamCounters.$Shape): atalaia.relay.v1.StreamCounters & atalaia.relay.v1.StreamCounters.$Shape;
                 *   (properties?: atalaia.relay.v1.StreamCounters.$Properties): atalaia.relay.v1.StreamCounters;
                 * }}
                 */
                StreamCounters.create = function(properties) {
                    return new StreamCounters(properties);
                };

                /**
                 * Encodes the specified StreamCounters message. Does not implicitly {@link atalaia.relay.v1.StreamCounters.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.StreamCounters
                 * @static
                 * @param {atalaia.relay.v1.StreamCounters.$Properties} message StreamCounters message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                StreamCounters.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.linesRead != null && $Object.hasOwnProperty.call(message, "linesRead") && (typeof message.linesRead === "object" ? message.linesRead.low || message.linesRead.high : message.linesRead !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.linesRead);
                    if (message.linesFiltered != null && $Object.hasOwnProperty.call(message, "linesFiltered") && (typeof message.linesFiltered === "object" ? message.linesFiltered.low || message.linesFiltered.high : message.linesFiltered !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.linesFiltered);
                    if (message.linesTrimmed != null && $Object.hasOwnProperty.call(message, "linesTrimmed") && (typeof message.linesTrimmed === "object" ? message.linesTrimmed.low || message.linesTrimmed.high : message.linesTrimmed !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.linesTrimmed);
                    if (message.linesCut != null && $Object.hasOwnProperty.call(message, "linesCut") && (typeof message.linesCut === "object" ? message.linesCut.low || message.linesCut.high : message.linesCut !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.linesCut);
                    if (message.bytesRead != null && $Object.hasOwnProperty.call(message, "bytesRead") && (typeof message.bytesRead === "object" ? message.bytesRead.low || message.bytesRead.high : message.bytesRead !== 0))
                        writer.uint32(/* id 5, wireType 0 =*/40).uint64(message.bytesRead);
                    if (message.bytesKept != null && $Object.hasOwnProperty.call(message, "bytesKept") && (typeof message.bytesKept === "object" ? message.bytesKept.low || message.bytesKept.high : message.bytesKept !== 0))
                        writer.uint32(/* id 6, wireType 0 =*/48).uint64(message.bytesKept);
                    if (message.linesDropped != null && $Object.hasOwnProperty.call(message, "linesDropped"))
                        for (let keys = $Object.keys(message.linesDropped), i = 0; i < keys.length; ++i)
                            writer.uint32(/* id 7, wireType 2 =*/58).fork().uint32(/* id 1, wireType 2 =*/10).string(keys[i]).uint32(/* id 2, wireType 0 =*/16).uint64(message.linesDropped[keys[i]]).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a StreamCounters message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.StreamCounters
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.StreamCounters & atalaia.relay.v1.StreamCounters.$Shape} StreamCounters
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                StreamCounters.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, key, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.StreamCounters();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.linesRead = value;
                                else
                                    delete message.linesRead;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.linesFiltered = value;
                                else
                                    delete message.linesFiltered;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.linesTrimmed = value;
                                else
                                    delete message.linesTrimmed;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.linesCut = value;
                                else
                                    delete message.linesCut;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.bytesRead = value;
                                else
                                    delete message.bytesRead;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.bytesKept = value;
                                else
                                    delete message.bytesKept;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                if (message.linesDropped === $util.emptyObject)
                                    message.linesDropped = {};
                                let end2 = reader.size() + reader.pos;
                                if (end2 > reader.len)
                                    throw $RangeError("index out of range");
                                reader.len = end2;
                                key = "";
                                value = $util.Long ? $util.Long.fromNumber(0, true) : 0;
                                while (reader.pos < end2) {
                                    let tag2 = reader.tag();
                                    wireType = tag2 & 7;
                                    switch (tag2 >>>= 3) {
                                    case 1:
                                        if (wireType !== 2)
                                            break;
                                        key = reader.stringVerify();
                                        continue;
                                    case 2:
                                        if (wireType !== 0)
                                            break;
                                        value = reader.uint64();
                                        continue;
                                    }
                                    reader.skipType(wireType, _depth, tag2);
                                }
                                if (reader.pos !== end2)
                                    throw $RangeError("index out of range");
                                reader.len = end;
                                if (key === "__proto__")
                                    $util.makeProp(message.linesDropped, key);
                                message.linesDropped[key] = value;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return StreamCounters;
            })();

            v1.Lines = (function() {

                /**
                 * Properties of a Lines.
                 * @typedef {Object} atalaia.relay.v1.Lines.$Properties
                 * @property {Array.<atalaia.relay.v1.Run.$Properties>|null} [runs] Lines runs
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Lines.
                 * @memberof atalaia.relay.v1
                 * @interface ILines
                 * @augments atalaia.relay.v1.Lines.$Properties
                 * @deprecated Use atalaia.relay.v1.Lines.$Properties instead.
                 */

                /**
                 * Shape of a Lines.
                 * @typedef {atalaia.relay.v1.Lines.$Properties} atalaia.relay.v1.Lines.$Shape
                 */

                /**
                 * Constructs a new Lines.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a Lines.
                 * @constructor
                 * @param {atalaia.relay.v1.Lines.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Lines = function (properties) {
                    this.runs = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Lines runs.
                 * @member {Array.<atalaia.relay.v1.Run.$Properties>} runs
                 * @memberof atalaia.relay.v1.Lines
                 * @instance
                 */
                Lines.prototype.runs = $util.emptyArray;

                /**
                 * Creates a new Lines instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Lines
                 * @static
                 * @param {atalaia.relay.v1.Lines.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Lines} Lines instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Lines.$Shape): atalaia.relay.v1.Lines & atalaia.relay.v1.Lines.$Shape;
                 *   (properties?: atalaia.relay.v1.Lines.$Properties): atalaia.relay.v1.Lines;
                 * }}
                 */
                Lines.create = function(properties) {
                    return new Lines(properties);
                };

                /**
                 * Encodes the specified Lines message. Does not implicitly {@link atalaia.relay.v1.Lines.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Lines
                 * @static
                 * @param {atalaia.relay.v1.Lines.$Properties} message Lines message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Lines.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.runs != null && message.runs.length)
                        for (let i = 0; i < message.runs.length; ++i)
                            $root.atalaia.relay.v1.Run.encode(message.runs[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Lines message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Lines
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Lines & atalaia.relay.v1.Lines.$Shape} Lines
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Lines.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Lines();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.runs && message.runs.length))
                                    message.runs = [];
                                message.runs.push($root.atalaia.relay.v1.Run.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Lines;
            })();

            v1.Run = (function() {

                /**
                 * Properties of a Run.
                 * @typedef {Object} atalaia.relay.v1.Run.$Properties
                 * @property {number|null} [stream] Run stream
                 * @property {number|null} [readAtMs] Run readAtMs
                 * @property {number|null} [firstOffset] Run firstOffset
                 * @property {Uint8Array|null} [text] Run text
                 * @property {Array.<number>|null} [lengths] Run lengths
                 * @property {Array.<number>|null} [offsetSteps] Run offsetSteps
                 * @property {Array.<number>|null} [cut] Run cut
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Run.
                 * @memberof atalaia.relay.v1
                 * @interface IRun
                 * @augments atalaia.relay.v1.Run.$Properties
                 * @deprecated Use atalaia.relay.v1.Run.$Properties instead.
                 */

                /**
                 * Shape of a Run.
                 * @typedef {atalaia.relay.v1.Run.$Properties} atalaia.relay.v1.Run.$Shape
                 */

                /**
                 * Constructs a new Run.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a Run.
                 * @constructor
                 * @param {atalaia.relay.v1.Run.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Run = function (properties) {
                    this.lengths = [];
                    this.offsetSteps = [];
                    this.cut = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Run stream.
                 * @member {number} stream
                 * @memberof atalaia.relay.v1.Run
                 * @instance
                 */
                Run.prototype.stream = 0;

                /**
                 * Run readAtMs.
                 * @member {number} readAtMs
                 * @memberof atalaia.relay.v1.Run
                 * @instance
                 */
                Run.prototype.readAtMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Run firstOffset.
                 * @member {number} firstOffset
                 * @memberof atalaia.relay.v1.Run
                 * @instance
                 */
                Run.prototype.firstOffset = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Run text.
                 * @member {Uint8Array} text
                 * @memberof atalaia.relay.v1.Run
                 * @instance
                 */
                Run.prototype.text = $util.newBuffer([]);

                /**
                 * Run lengths.
                 * @member {Array.<number>} lengths
                 * @memberof atalaia.relay.v1.Run
                 * @instance
                 */
                Run.prototype.lengths = $util.emptyArray;

                /**
                 * Run offsetSteps.
                 * @member {Array.<number>} offsetSteps
                 * @memberof atalaia.relay.v1.Run
                 * @instance
                 */
                Run.prototype.offsetSteps = $util.emptyArray;

                /**
                 * Run cut.
                 * @member {Array.<number>} cut
                 * @memberof atalaia.relay.v1.Run
                 * @instance
                 */
                Run.prototype.cut = $util.emptyArray;

                /**
                 * Creates a new Run instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Run
                 * @static
                 * @param {atalaia.relay.v1.Run.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Run} Run instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Run.$Shape): atalaia.relay.v1.Run & atalaia.relay.v1.Run.$Shape;
                 *   (properties?: atalaia.relay.v1.Run.$Properties): atalaia.relay.v1.Run;
                 * }}
                 */
                Run.create = function(properties) {
                    return new Run(properties);
                };

                /**
                 * Encodes the specified Run message. Does not implicitly {@link atalaia.relay.v1.Run.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Run
                 * @static
                 * @param {atalaia.relay.v1.Run.$Properties} message Run message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Run.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.stream != null && $Object.hasOwnProperty.call(message, "stream") && message.stream !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.stream);
                    if (message.readAtMs != null && $Object.hasOwnProperty.call(message, "readAtMs") && (typeof message.readAtMs === "object" ? message.readAtMs.low || message.readAtMs.high : message.readAtMs !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.readAtMs);
                    if (message.firstOffset != null && $Object.hasOwnProperty.call(message, "firstOffset") && (typeof message.firstOffset === "object" ? message.firstOffset.low || message.firstOffset.high : message.firstOffset !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.firstOffset);
                    if (message.text != null && $Object.hasOwnProperty.call(message, "text") && message.text.length)
                        writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.text);
                    if (message.lengths != null && message.lengths.length)
                        writer.uint32(/* id 5, wireType 2 =*/42).uint32s(message.lengths);
                    if (message.offsetSteps != null && message.offsetSteps.length)
                        writer.uint32(/* id 6, wireType 2 =*/50).uint32s(message.offsetSteps);
                    if (message.cut != null && message.cut.length)
                        writer.uint32(/* id 7, wireType 2 =*/58).uint32s(message.cut);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Run message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Run
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Run & atalaia.relay.v1.Run.$Shape} Run
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Run.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Run();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.stream = value;
                                else
                                    delete message.stream;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.readAtMs = value;
                                else
                                    delete message.readAtMs;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.firstOffset = value;
                                else
                                    delete message.firstOffset;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.text = value;
                                else
                                    delete message.text;
                                continue;
                            }
                        case 5: {
                                if (wireType === 2) {
                                    if (!(message.lengths && message.lengths.length))
                                        message.lengths = [];
                                    reader.uint32s(message.lengths);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.lengths && message.lengths.length))
                                    message.lengths = [];
                                message.lengths.push(reader.uint32());
                                continue;
                            }
                        case 6: {
                                if (wireType === 2) {
                                    if (!(message.offsetSteps && message.offsetSteps.length))
                                        message.offsetSteps = [];
                                    reader.uint32s(message.offsetSteps);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.offsetSteps && message.offsetSteps.length))
                                    message.offsetSteps = [];
                                message.offsetSteps.push(reader.uint32());
                                continue;
                            }
                        case 7: {
                                if (wireType === 2) {
                                    if (!(message.cut && message.cut.length))
                                        message.cut = [];
                                    reader.uint32s(message.cut);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.cut && message.cut.length))
                                    message.cut = [];
                                message.cut.push(reader.uint32());
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Run;
            })();

            v1.Lost = (function() {

                /**
                 * Properties of a Lost.
                 * @typedef {Object} atalaia.relay.v1.Lost.$Properties
                 * @property {atalaia.relay.v1.Lane|null} [lane] Lost lane
                 * @property {Uint8Array|null} [epoch] Lost epoch
                 * @property {number|null} [from] Lost from
                 * @property {number|null} [to] Lost to
                 * @property {Uint8Array|null} [hash] Lost hash
                 * @property {string|null} [reason] Lost reason
                 * @property {Array.<atalaia.relay.v1.StreamEntry.$Properties>|null} [streams] Lost streams
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Lost.
                 * @memberof atalaia.relay.v1
                 * @interface ILost
                 * @augments atalaia.relay.v1.Lost.$Properties
                 * @deprecated Use atalaia.relay.v1.Lost.$Properties instead.
                 */

                /**
                 * Shape of a Lost.
                 * @typedef {atalaia.relay.v1.Lost.$Properties} atalaia.relay.v1.Lost.$Shape
                 */

                /**
                 * Constructs a new Lost.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a Lost.
                 * @constructor
                 * @param {atalaia.relay.v1.Lost.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Lost = function (properties) {
                    this.streams = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Lost lane.
                 * @member {atalaia.relay.v1.Lane} lane
                 * @memberof atalaia.relay.v1.Lost
                 * @instance
                 */
                Lost.prototype.lane = 0;

                /**
                 * Lost epoch.
                 * @member {Uint8Array} epoch
                 * @memberof atalaia.relay.v1.Lost
                 * @instance
                 */
                Lost.prototype.epoch = $util.newBuffer([]);

                /**
                 * Lost from.
                 * @member {number} from
                 * @memberof atalaia.relay.v1.Lost
                 * @instance
                 */
                Lost.prototype.from = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Lost to.
                 * @member {number} to
                 * @memberof atalaia.relay.v1.Lost
                 * @instance
                 */
                Lost.prototype.to = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Lost hash.
                 * @member {Uint8Array} hash
                 * @memberof atalaia.relay.v1.Lost
                 * @instance
                 */
                Lost.prototype.hash = $util.newBuffer([]);

                /**
                 * Lost reason.
                 * @member {string} reason
                 * @memberof atalaia.relay.v1.Lost
                 * @instance
                 */
                Lost.prototype.reason = "";

                /**
                 * Lost streams.
                 * @member {Array.<atalaia.relay.v1.StreamEntry.$Properties>} streams
                 * @memberof atalaia.relay.v1.Lost
                 * @instance
                 */
                Lost.prototype.streams = $util.emptyArray;

                /**
                 * Creates a new Lost instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Lost
                 * @static
                 * @param {atalaia.relay.v1.Lost.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Lost} Lost instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Lost.$Shape): atalaia.relay.v1.Lost & atalaia.relay.v1.Lost.$Shape;
                 *   (properties?: atalaia.relay.v1.Lost.$Properties): atalaia.relay.v1.Lost;
                 * }}
                 */
                Lost.create = function(properties) {
                    return new Lost(properties);
                };

                /**
                 * Encodes the specified Lost message. Does not implicitly {@link atalaia.relay.v1.Lost.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Lost
                 * @static
                 * @param {atalaia.relay.v1.Lost.$Properties} message Lost message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Lost.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.lane != null && $Object.hasOwnProperty.call(message, "lane") && message.lane !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).int32(message.lane);
                    if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.epoch);
                    if (message.from != null && $Object.hasOwnProperty.call(message, "from") && (typeof message.from === "object" ? message.from.low || message.from.high : message.from !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.from);
                    if (message.to != null && $Object.hasOwnProperty.call(message, "to") && (typeof message.to === "object" ? message.to.low || message.to.high : message.to !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.to);
                    if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash.length)
                        writer.uint32(/* id 5, wireType 2 =*/42).bytes(message.hash);
                    if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                        writer.uint32(/* id 6, wireType 2 =*/50).string(message.reason);
                    if (message.streams != null && message.streams.length)
                        for (let i = 0; i < message.streams.length; ++i)
                            $root.atalaia.relay.v1.StreamEntry.encode(message.streams[i], writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Lost message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Lost
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Lost & atalaia.relay.v1.Lost.$Shape} Lost
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Lost.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Lost();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.lane = value;
                                else
                                    delete message.lane;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.epoch = value;
                                else
                                    delete message.epoch;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.from = value;
                                else
                                    delete message.from;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.to = value;
                                else
                                    delete message.to;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.hash = value;
                                else
                                    delete message.hash;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.reason = value;
                                else
                                    delete message.reason;
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.streams && message.streams.length))
                                    message.streams = [];
                                message.streams.push($root.atalaia.relay.v1.StreamEntry.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Lost;
            })();

            v1.Ack = (function() {

                /**
                 * Properties of an Ack.
                 * @typedef {Object} atalaia.relay.v1.Ack.$Properties
                 * @property {atalaia.relay.v1.Lane|null} [lane] Ack lane
                 * @property {Uint8Array|null} [epoch] Ack epoch
                 * @property {number|null} [sequence] Ack sequence
                 * @property {Uint8Array|null} [hash] Ack hash
                 * @property {atalaia.relay.v1.Credit.$Properties|null} [credit] Ack credit
                 * @property {atalaia.relay.v1.Clocks.$Properties|null} [clocks] Ack clocks
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an Ack.
                 * @memberof atalaia.relay.v1
                 * @interface IAck
                 * @augments atalaia.relay.v1.Ack.$Properties
                 * @deprecated Use atalaia.relay.v1.Ack.$Properties instead.
                 */

                /**
                 * Shape of an Ack.
                 * @typedef {atalaia.relay.v1.Ack.$Properties} atalaia.relay.v1.Ack.$Shape
                 */

                /**
                 * Constructs a new Ack.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents an Ack.
                 * @constructor
                 * @param {atalaia.relay.v1.Ack.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Ack = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Ack lane.
                 * @member {atalaia.relay.v1.Lane} lane
                 * @memberof atalaia.relay.v1.Ack
                 * @instance
                 */
                Ack.prototype.lane = 0;

                /**
                 * Ack epoch.
                 * @member {Uint8Array} epoch
                 * @memberof atalaia.relay.v1.Ack
                 * @instance
                 */
                Ack.prototype.epoch = $util.newBuffer([]);

                /**
                 * Ack sequence.
                 * @member {number} sequence
                 * @memberof atalaia.relay.v1.Ack
                 * @instance
                 */
                Ack.prototype.sequence = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Ack hash.
                 * @member {Uint8Array} hash
                 * @memberof atalaia.relay.v1.Ack
                 * @instance
                 */
                Ack.prototype.hash = $util.newBuffer([]);

                /**
                 * Ack credit.
                 * @member {atalaia.relay.v1.Credit.$Properties|null|undefined} credit
                 * @memberof atalaia.relay.v1.Ack
                 * @instance
                 */
                Ack.prototype.credit = null;

                /**
                 * Ack clocks.
                 * @member {atalaia.relay.v1.Clocks.$Properties|null|undefined} clocks
                 * @memberof atalaia.relay.v1.Ack
                 * @instance
                 */
                Ack.prototype.clocks = null;

                /**
                 * Creates a new Ack instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Ack
                 * @static
                 * @param {atalaia.relay.v1.Ack.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Ack} Ack instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Ack.$Shape): atalaia.relay.v1.Ack & atalaia.relay.v1.Ack.$Shape;
                 *   (properties?: atalaia.relay.v1.Ack.$Properties): atalaia.relay.v1.Ack;
                 * }}
                 */
                Ack.create = function(properties) {
                    return new Ack(properties);
                };

                /**
                 * Encodes the specified Ack message. Does not implicitly {@link atalaia.relay.v1.Ack.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Ack
                 * @static
                 * @param {atalaia.relay.v1.Ack.$Properties} message Ack message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Ack.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.lane != null && $Object.hasOwnProperty.call(message, "lane") && message.lane !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).int32(message.lane);
                    if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.epoch);
                    if (message.sequence != null && $Object.hasOwnProperty.call(message, "sequence") && (typeof message.sequence === "object" ? message.sequence.low || message.sequence.high : message.sequence !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.sequence);
                    if (message.hash != null && $Object.hasOwnProperty.call(message, "hash") && message.hash.length)
                        writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.hash);
                    if (message.credit != null && $Object.hasOwnProperty.call(message, "credit"))
                        $root.atalaia.relay.v1.Credit.encode(message.credit, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                    if (message.clocks != null && $Object.hasOwnProperty.call(message, "clocks"))
                        $root.atalaia.relay.v1.Clocks.encode(message.clocks, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an Ack message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Ack
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Ack & atalaia.relay.v1.Ack.$Shape} Ack
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Ack.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Ack();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.lane = value;
                                else
                                    delete message.lane;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.epoch = value;
                                else
                                    delete message.epoch;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.sequence = value;
                                else
                                    delete message.sequence;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.hash = value;
                                else
                                    delete message.hash;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                message.credit = $root.atalaia.relay.v1.Credit.decode(reader, reader.size(), $undefined, _depth + 1, message.credit);
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                message.clocks = $root.atalaia.relay.v1.Clocks.decode(reader, reader.size(), $undefined, _depth + 1, message.clocks);
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Ack;
            })();

            v1.Busy = (function() {

                /**
                 * Properties of a Busy.
                 * @typedef {Object} atalaia.relay.v1.Busy.$Properties
                 * @property {atalaia.relay.v1.Credit.$Properties|null} [credit] Busy credit
                 * @property {string|null} [reason] Busy reason
                 * @property {atalaia.relay.v1.Clocks.$Properties|null} [clocks] Busy clocks
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Busy.
                 * @memberof atalaia.relay.v1
                 * @interface IBusy
                 * @augments atalaia.relay.v1.Busy.$Properties
                 * @deprecated Use atalaia.relay.v1.Busy.$Properties instead.
                 */

                /**
                 * Shape of a Busy.
                 * @typedef {atalaia.relay.v1.Busy.$Properties} atalaia.relay.v1.Busy.$Shape
                 */

                /**
                 * Constructs a new Busy.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a Busy.
                 * @constructor
                 * @param {atalaia.relay.v1.Busy.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Busy = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Busy credit.
                 * @member {atalaia.relay.v1.Credit.$Properties|null|undefined} credit
                 * @memberof atalaia.relay.v1.Busy
                 * @instance
                 */
                Busy.prototype.credit = null;

                /**
                 * Busy reason.
                 * @member {string} reason
                 * @memberof atalaia.relay.v1.Busy
                 * @instance
                 */
                Busy.prototype.reason = "";

                /**
                 * Busy clocks.
                 * @member {atalaia.relay.v1.Clocks.$Properties|null|undefined} clocks
                 * @memberof atalaia.relay.v1.Busy
                 * @instance
                 */
                Busy.prototype.clocks = null;

                /**
                 * Creates a new Busy instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Busy
                 * @static
                 * @param {atalaia.relay.v1.Busy.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Busy} Busy instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Busy.$Shape): atalaia.relay.v1.Busy & atalaia.relay.v1.Busy.$Shape;
                 *   (properties?: atalaia.relay.v1.Busy.$Properties): atalaia.relay.v1.Busy;
                 * }}
                 */
                Busy.create = function(properties) {
                    return new Busy(properties);
                };

                /**
                 * Encodes the specified Busy message. Does not implicitly {@link atalaia.relay.v1.Busy.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Busy
                 * @static
                 * @param {atalaia.relay.v1.Busy.$Properties} message Busy message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Busy.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.credit != null && $Object.hasOwnProperty.call(message, "credit"))
                        $root.atalaia.relay.v1.Credit.encode(message.credit, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                        writer.uint32(/* id 2, wireType 2 =*/18).string(message.reason);
                    if (message.clocks != null && $Object.hasOwnProperty.call(message, "clocks"))
                        $root.atalaia.relay.v1.Clocks.encode(message.clocks, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Busy message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Busy
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Busy & atalaia.relay.v1.Busy.$Shape} Busy
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Busy.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Busy();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                message.credit = $root.atalaia.relay.v1.Credit.decode(reader, reader.size(), $undefined, _depth + 1, message.credit);
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.reason = value;
                                else
                                    delete message.reason;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                message.clocks = $root.atalaia.relay.v1.Clocks.decode(reader, reader.size(), $undefined, _depth + 1, message.clocks);
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Busy;
            })();

            v1.Clocks = (function() {

                /**
                 * Properties of a Clocks.
                 * @typedef {Object} atalaia.relay.v1.Clocks.$Properties
                 * @property {number|null} [hubClockMs] Clocks hubClockMs
                 * @property {number|null} [agentClockMs] Clocks agentClockMs
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Clocks.
                 * @memberof atalaia.relay.v1
                 * @interface IClocks
                 * @augments atalaia.relay.v1.Clocks.$Properties
                 * @deprecated Use atalaia.relay.v1.Clocks.$Properties instead.
                 */

                /**
                 * Shape of a Clocks.
                 * @typedef {atalaia.relay.v1.Clocks.$Properties} atalaia.relay.v1.Clocks.$Shape
                 */

                /**
                 * Constructs a new Clocks.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a Clocks.
                 * @constructor
                 * @param {atalaia.relay.v1.Clocks.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Clocks = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Clocks hubClockMs.
                 * @member {number} hubClockMs
                 * @memberof atalaia.relay.v1.Clocks
                 * @instance
                 */
                Clocks.prototype.hubClockMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Clocks agentClockMs.
                 * @member {number} agentClockMs
                 * @memberof atalaia.relay.v1.Clocks
                 * @instance
                 */
                Clocks.prototype.agentClockMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Creates a new Clocks instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Clocks
                 * @static
                 * @param {atalaia.relay.v1.Clocks.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Clocks} Clocks instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Clocks.$Shape): atalaia.relay.v1.Clocks & atalaia.relay.v1.Clocks.$Shape;
                 *   (properties?: atalaia.relay.v1.Clocks.$Properties): atalaia.relay.v1.Clocks;
                 * }}
                 */
                Clocks.create = function(properties) {
                    return new Clocks(properties);
                };

                /**
                 * Encodes the specified Clocks message. Does not implicitly {@link atalaia.relay.v1.Clocks.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Clocks
                 * @static
                 * @param {atalaia.relay.v1.Clocks.$Properties} message Clocks message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Clocks.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.hubClockMs != null && $Object.hasOwnProperty.call(message, "hubClockMs") && (typeof message.hubClockMs === "object" ? message.hubClockMs.low || message.hubClockMs.high : message.hubClockMs !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.hubClockMs);
                    if (message.agentClockMs != null && $Object.hasOwnProperty.call(message, "agentClockMs") && (typeof message.agentClockMs === "object" ? message.agentClockMs.low || message.agentClockMs.high : message.agentClockMs !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.agentClockMs);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Clocks message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Clocks
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Clocks & atalaia.relay.v1.Clocks.$Shape} Clocks
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Clocks.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Clocks();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.hubClockMs = value;
                                else
                                    delete message.hubClockMs;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.agentClockMs = value;
                                else
                                    delete message.agentClockMs;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Clocks;
            })();

            /**
             * RefusalCode enum.
             * @name atalaia.relay.v1.RefusalCode
             * @enum {number}
             * @property {number} REFUSAL_UNSPECIFIED=0 REFUSAL_UNSPECIFIED value
             * @property {number} REFUSAL_NOT_AUTHORISED=1 REFUSAL_NOT_AUTHORISED value
             * @property {number} REFUSAL_BACK_OFF=2 REFUSAL_BACK_OFF value
             * @property {number} REFUSAL_PROTOCOL=3 REFUSAL_PROTOCOL value
             * @property {number} REFUSAL_SUPERSEDED=4 REFUSAL_SUPERSEDED value
             * @property {number} REFUSAL_UNKNOWN_VERSION=5 REFUSAL_UNKNOWN_VERSION value
             */
            v1.RefusalCode = (function() {
                const valuesById = $Object.create(null), values = $Object.create(valuesById);
                values[valuesById[0] = "REFUSAL_UNSPECIFIED"] = 0;
                values[valuesById[1] = "REFUSAL_NOT_AUTHORISED"] = 1;
                values[valuesById[2] = "REFUSAL_BACK_OFF"] = 2;
                values[valuesById[3] = "REFUSAL_PROTOCOL"] = 3;
                values[valuesById[4] = "REFUSAL_SUPERSEDED"] = 4;
                values[valuesById[5] = "REFUSAL_UNKNOWN_VERSION"] = 5;
                return values;
            })();

            v1.Refusal = (function() {

                /**
                 * Properties of a Refusal.
                 * @typedef {Object} atalaia.relay.v1.Refusal.$Properties
                 * @property {atalaia.relay.v1.RefusalCode|null} [code] Refusal code
                 * @property {string|null} [detail] Refusal detail
                 * @property {number|null} [retryAfterMs] Refusal retryAfterMs
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Refusal.
                 * @memberof atalaia.relay.v1
                 * @interface IRefusal
                 * @augments atalaia.relay.v1.Refusal.$Properties
                 * @deprecated Use atalaia.relay.v1.Refusal.$Properties instead.
                 */

                /**
                 * Shape of a Refusal.
                 * @typedef {atalaia.relay.v1.Refusal.$Properties} atalaia.relay.v1.Refusal.$Shape
                 */

                /**
                 * Constructs a new Refusal.
                 * @memberof atalaia.relay.v1
                 * @classdesc Represents a Refusal.
                 * @constructor
                 * @param {atalaia.relay.v1.Refusal.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Refusal = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Refusal code.
                 * @member {atalaia.relay.v1.RefusalCode} code
                 * @memberof atalaia.relay.v1.Refusal
                 * @instance
                 */
                Refusal.prototype.code = 0;

                /**
                 * Refusal detail.
                 * @member {string} detail
                 * @memberof atalaia.relay.v1.Refusal
                 * @instance
                 */
                Refusal.prototype.detail = "";

                /**
                 * Refusal retryAfterMs.
                 * @member {number} retryAfterMs
                 * @memberof atalaia.relay.v1.Refusal
                 * @instance
                 */
                Refusal.prototype.retryAfterMs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Creates a new Refusal instance using the specified properties.
                 * @function create
                 * @memberof atalaia.relay.v1.Refusal
                 * @static
                 * @param {atalaia.relay.v1.Refusal.$Properties=} [properties] Properties to set
                 * @returns {atalaia.relay.v1.Refusal} Refusal instance
                 * @type {{
                 *   (properties: atalaia.relay.v1.Refusal.$Shape): atalaia.relay.v1.Refusal & atalaia.relay.v1.Refusal.$Shape;
                 *   (properties?: atalaia.relay.v1.Refusal.$Properties): atalaia.relay.v1.Refusal;
                 * }}
                 */
                Refusal.create = function(properties) {
                    return new Refusal(properties);
                };

                /**
                 * Encodes the specified Refusal message. Does not implicitly {@link atalaia.relay.v1.Refusal.verify|verify} messages.
                 * @function encode
                 * @memberof atalaia.relay.v1.Refusal
                 * @static
                 * @param {atalaia.relay.v1.Refusal.$Properties} message Refusal message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Refusal.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).int32(message.code);
                    if (message.detail != null && $Object.hasOwnProperty.call(message, "detail") && message.detail !== "")
                        writer.uint32(/* id 2, wireType 2 =*/18).string(message.detail);
                    if (message.retryAfterMs != null && $Object.hasOwnProperty.call(message, "retryAfterMs") && (typeof message.retryAfterMs === "object" ? message.retryAfterMs.low || message.retryAfterMs.high : message.retryAfterMs !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.retryAfterMs);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Refusal message from the specified reader or buffer.
                 * @function decode
                 * @memberof atalaia.relay.v1.Refusal
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {atalaia.relay.v1.Refusal & atalaia.relay.v1.Refusal.$Shape} Refusal
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Refusal.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.atalaia.relay.v1.Refusal();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.code = value;
                                else
                                    delete message.code;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.stringVerify()).length)
                                    message.detail = value;
                                else
                                    delete message.detail;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.retryAfterMs = value;
                                else
                                    delete message.retryAfterMs;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Refusal;
            })();

            return v1;
        })();

        return relay;
    })();

    return atalaia;
})();

export {
  $root as default
};
