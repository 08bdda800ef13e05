// Made from proto/control.proto by scripts/generate-proto.mjs. Do not edit.
/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["inkwire"] || ($protobuf.roots["inkwire"] = {});

export const Sequence = $root.Sequence = (() => {

    /**
     * Properties of a Sequence.
     * @typedef {Object} Sequence.$Properties
     * @property {number|null} [low] Sequence low
     * @property {number|null} [high] Sequence high
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Sequence.
     * @exports ISequence
     * @interface ISequence
     * @augments Sequence.$Properties
     * @deprecated Use Sequence.$Properties instead.
     */

    /**
     * Shape of a Sequence.
     * @typedef {Sequence.$Properties} Sequence.$Shape
     */

    /**
     * Constructs a new Sequence.
     * @exports Sequence
     * @classdesc Represents a Sequence.
     * @constructor
     * @param {Sequence.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Sequence = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Sequence low.
     * @member {number} low
     * @memberof Sequence
     * @instance
     */
    Sequence.prototype.low = 0;

    /**
     * Sequence high.
     * @member {number} high
     * @memberof Sequence
     * @instance
     */
    Sequence.prototype.high = 0;

    /**
     * Encodes the specified Sequence message. Does not implicitly {@link Sequence.verify|verify} messages.
     * @function encode
     * @memberof Sequence
     * @static
     * @param {Sequence.$Properties} message Sequence message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Sequence.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.low != null && $Object.hasOwnProperty.call(message, "low") && message.low !== 0)
            writer.uint32(/* id 1, wireType 5 =*/13).fixed32(message.low);
        if (message.high != null && $Object.hasOwnProperty.call(message, "high") && message.high !== 0)
            writer.uint32(/* id 2, wireType 5 =*/21).fixed32(message.high);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Sequence message from the specified reader or buffer.
     * @function decode
     * @memberof Sequence
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Sequence & Sequence.$Shape} Sequence
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Sequence.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Sequence();
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
                    if (wireType !== 5)
                        break;
                    if (value = reader.fixed32())
                        message.low = value;
                    else
                        delete message.low;
                    continue;
                }
            case 2: {
                    if (wireType !== 5)
                        break;
                    if (value = reader.fixed32())
                        message.high = value;
                    else
                        delete message.high;
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

    return Sequence;
})();

export const Budget = $root.Budget = (() => {

    /**
     * Properties of a Budget.
     * @typedef {Object} Budget.$Properties
     * @property {Sequence.$Properties|null} [messages] Budget messages
     * @property {Sequence.$Properties|null} [bytes] Budget bytes
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Budget.
     * @exports IBudget
     * @interface IBudget
     * @augments Budget.$Properties
     * @deprecated Use Budget.$Properties instead.
     */

    /**
     * Shape of a Budget.
     * @typedef {Budget.$Properties} Budget.$Shape
     */

    /**
     * Constructs a new Budget.
     * @exports Budget
     * @classdesc Represents a Budget.
     * @constructor
     * @param {Budget.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Budget = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Budget messages.
     * @member {Sequence.$Properties|null|undefined} messages
     * @memberof Budget
     * @instance
     */
    Budget.prototype.messages = null;

    /**
     * Budget bytes.
     * @member {Sequence.$Properties|null|undefined} bytes
     * @memberof Budget
     * @instance
     */
    Budget.prototype.bytes = null;

    /**
     * Encodes the specified Budget message. Does not implicitly {@link Budget.verify|verify} messages.
     * @function encode
     * @memberof Budget
     * @static
     * @param {Budget.$Properties} message Budget message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Budget.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.messages != null && $Object.hasOwnProperty.call(message, "messages"))
            $root.Sequence.encode(message.messages, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
        if (message.bytes != null && $Object.hasOwnProperty.call(message, "bytes"))
            $root.Sequence.encode(message.bytes, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Budget message from the specified reader or buffer.
     * @function decode
     * @memberof Budget
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Budget & Budget.$Shape} Budget
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Budget.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Budget();
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
                    message.messages = $root.Sequence.decode(reader, reader.size(), $undefined, _depth + 1, message.messages);
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    message.bytes = $root.Sequence.decode(reader, reader.size(), $undefined, _depth + 1, message.bytes);
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

    return Budget;
})();

export const Grant = $root.Grant = (() => {

    /**
     * Properties of a Grant.
     * @typedef {Object} Grant.$Properties
     * @property {Budget.$Properties|null} [window] Grant window
     * @property {Budget.$Properties|null} [free] Grant free
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Grant.
     * @exports IGrant
     * @interface IGrant
     * @augments Grant.$Properties
     * @deprecated Use Grant.$Properties instead.
     */

    /**
     * Shape of a Grant.
     * @typedef {Grant.$Properties} Grant.$Shape
     */

    /**
     * Constructs a new Grant.
     * @exports Grant
     * @classdesc Represents a Grant.
     * @constructor
     * @param {Grant.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Grant = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Grant window.
     * @member {Budget.$Properties|null|undefined} window
     * @memberof Grant
     * @instance
     */
    Grant.prototype.window = null;

    /**
     * Grant free.
     * @member {Budget.$Properties|null|undefined} free
     * @memberof Grant
     * @instance
     */
    Grant.prototype.free = null;

    /**
     * Encodes the specified Grant message. Does not implicitly {@link Grant.verify|verify} messages.
     * @function encode
     * @memberof Grant
     * @static
     * @param {Grant.$Properties} message Grant message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Grant.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.window != null && $Object.hasOwnProperty.call(message, "window"))
            $root.Budget.encode(message.window, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
        if (message.free != null && $Object.hasOwnProperty.call(message, "free"))
            $root.Budget.encode(message.free, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Grant message from the specified reader or buffer.
     * @function decode
     * @memberof Grant
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Grant & Grant.$Shape} Grant
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Grant.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Grant();
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
                    message.window = $root.Budget.decode(reader, reader.size(), $undefined, _depth + 1, message.window);
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    message.free = $root.Budget.decode(reader, reader.size(), $undefined, _depth + 1, message.free);
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

    return Grant;
})();

export const Marks = $root.Marks = (() => {

    /**
     * Properties of a Marks.
     * @typedef {Object} Marks.$Properties
     * @property {Sequence.$Properties|null} [received] Marks received
     * @property {Sequence.$Properties|null} [processed] Marks processed
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Marks.
     * @exports IMarks
     * @interface IMarks
     * @augments Marks.$Properties
     * @deprecated Use Marks.$Properties instead.
     */

    /**
     * Shape of a Marks.
     * @typedef {Marks.$Properties} Marks.$Shape
     */

    /**
     * Constructs a new Marks.
     * @exports Marks
     * @classdesc Represents a Marks.
     * @constructor
     * @param {Marks.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Marks = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Marks received.
     * @member {Sequence.$Properties|null|undefined} received
     * @memberof Marks
     * @instance
     */
    Marks.prototype.received = null;

    /**
     * Marks processed.
     * @member {Sequence.$Properties|null|undefined} processed
     * @memberof Marks
     * @instance
     */
    Marks.prototype.processed = null;

    /**
     * Encodes the specified Marks message. Does not implicitly {@link Marks.verify|verify} messages.
     * @function encode
     * @memberof Marks
     * @static
     * @param {Marks.$Properties} message Marks message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Marks.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.received != null && $Object.hasOwnProperty.call(message, "received"))
            $root.Sequence.encode(message.received, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
        if (message.processed != null && $Object.hasOwnProperty.call(message, "processed"))
            $root.Sequence.encode(message.processed, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Marks message from the specified reader or buffer.
     * @function decode
     * @memberof Marks
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Marks & Marks.$Shape} Marks
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Marks.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Marks();
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
                    message.received = $root.Sequence.decode(reader, reader.size(), $undefined, _depth + 1, message.received);
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    message.processed = $root.Sequence.decode(reader, reader.size(), $undefined, _depth + 1, message.processed);
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

    return Marks;
})();

export const Ballot = $root.Ballot = (() => {

    /**
     * Properties of a Ballot.
     * @typedef {Object} Ballot.$Properties
     * @property {number|null} [epoch] Ballot epoch
     * @property {Uint8Array|null} [dialler] Ballot dialler
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Ballot.
     * @exports IBallot
     * @interface IBallot
     * @augments Ballot.$Properties
     * @deprecated Use Ballot.$Properties instead.
     */

    /**
     * Shape of a Ballot.
     * @typedef {Ballot.$Properties} Ballot.$Shape
     */

    /**
     * Constructs a new Ballot.
     * @exports Ballot
     * @classdesc Represents a Ballot.
     * @constructor
     * @param {Ballot.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Ballot = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Ballot epoch.
     * @member {number} epoch
     * @memberof Ballot
     * @instance
     */
    Ballot.prototype.epoch = 0;

    /**
     * Ballot dialler.
     * @member {Uint8Array} dialler
     * @memberof Ballot
     * @instance
     */
    Ballot.prototype.dialler = $util.newBuffer([]);

    /**
     * Encodes the specified Ballot message. Does not implicitly {@link Ballot.verify|verify} messages.
     * @function encode
     * @memberof Ballot
     * @static
     * @param {Ballot.$Properties} message Ballot message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Ballot.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.epoch);
        if (message.dialler != null && $Object.hasOwnProperty.call(message, "dialler") && message.dialler.length)
            writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.dialler);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Ballot message from the specified reader or buffer.
     * @function decode
     * @memberof Ballot
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Ballot & Ballot.$Shape} Ballot
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Ballot.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Ballot();
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
                        message.epoch = value;
                    else
                        delete message.epoch;
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.dialler = value;
                    else
                        delete message.dialler;
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

    return Ballot;
})();

/**
 * Policy enum.
 * @name Policy
 * @enum {number}
 * @property {number} POLICY_UNSPECIFIED=0 POLICY_UNSPECIFIED value
 * @property {number} POLICY_LOSSY=1 POLICY_LOSSY value
 * @property {number} POLICY_LOSSLESS_CLIENT=2 POLICY_LOSSLESS_CLIENT value
 * @property {number} POLICY_LOSSLESS_SERVER=3 POLICY_LOSSLESS_SERVER value
 * @property {number} POLICY_PEER=4 POLICY_PEER value
 */
export const Policy = $root.Policy = (() => {
    const valuesById = $Object.create(null), values = $Object.create(valuesById);
    values[valuesById[0] = "POLICY_UNSPECIFIED"] = 0;
    values[valuesById[1] = "POLICY_LOSSY"] = 1;
    values[valuesById[2] = "POLICY_LOSSLESS_CLIENT"] = 2;
    values[valuesById[3] = "POLICY_LOSSLESS_SERVER"] = 3;
    values[valuesById[4] = "POLICY_PEER"] = 4;
    return values;
})();

/**
 * Side enum.
 * @name Side
 * @enum {number}
 * @property {number} SIDE_UNSPECIFIED=0 SIDE_UNSPECIFIED value
 * @property {number} SIDE_DIALLER=1 SIDE_DIALLER value
 * @property {number} SIDE_ACCEPTOR=2 SIDE_ACCEPTOR value
 */
export const Side = $root.Side = (() => {
    const valuesById = $Object.create(null), values = $Object.create(valuesById);
    values[valuesById[0] = "SIDE_UNSPECIFIED"] = 0;
    values[valuesById[1] = "SIDE_DIALLER"] = 1;
    values[valuesById[2] = "SIDE_ACCEPTOR"] = 2;
    return values;
})();

export const Feature = $root.Feature = (() => {

    /**
     * Properties of a Feature.
     * @typedef {Object} Feature.$Properties
     * @property {number|null} [number] Feature number
     * @property {Uint8Array|null} [value] Feature value
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Feature.
     * @exports IFeature
     * @interface IFeature
     * @augments Feature.$Properties
     * @deprecated Use Feature.$Properties instead.
     */

    /**
     * Shape of a Feature.
     * @typedef {Feature.$Properties} Feature.$Shape
     */

    /**
     * Constructs a new Feature.
     * @exports Feature
     * @classdesc Represents a Feature.
     * @constructor
     * @param {Feature.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Feature = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Feature number.
     * @member {number} number
     * @memberof Feature
     * @instance
     */
    Feature.prototype.number = 0;

    /**
     * Feature value.
     * @member {Uint8Array} value
     * @memberof Feature
     * @instance
     */
    Feature.prototype.value = $util.newBuffer([]);

    /**
     * Encodes the specified Feature message. Does not implicitly {@link Feature.verify|verify} messages.
     * @function encode
     * @memberof Feature
     * @static
     * @param {Feature.$Properties} message Feature message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Feature.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.number != null && $Object.hasOwnProperty.call(message, "number") && message.number !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.number);
        if (message.value != null && $Object.hasOwnProperty.call(message, "value") && message.value.length)
            writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.value);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Feature message from the specified reader or buffer.
     * @function decode
     * @memberof Feature
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Feature & Feature.$Shape} Feature
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Feature.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Feature();
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
                        message.number = value;
                    else
                        delete message.number;
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.value = value;
                    else
                        delete message.value;
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

    return Feature;
})();

export const Hello = $root.Hello = (() => {

    /**
     * Properties of a Hello.
     * @typedef {Object} Hello.$Properties
     * @property {number|null} [version] Hello version
     * @property {string|null} [name] Hello name
     * @property {Uint8Array|null} [instance] Hello instance
     * @property {Array.<string>|null} [addresses] Hello addresses
     * @property {number|null} [frameBytesMax] Hello frameBytesMax
     * @property {Array.<Feature.$Properties>|null} [features] Hello features
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Hello.
     * @exports IHello
     * @interface IHello
     * @augments Hello.$Properties
     * @deprecated Use Hello.$Properties instead.
     */

    /**
     * Shape of a Hello.
     * @typedef {Hello.$Properties} Hello.$Shape
     */

    /**
     * Constructs a new Hello.
     * @exports Hello
     * @classdesc Represents a Hello.
     * @constructor
     * @param {Hello.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Hello = function (properties) {
        this.addresses = [];
        this.features = [];
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Hello version.
     * @member {number} version
     * @memberof Hello
     * @instance
     */
    Hello.prototype.version = 0;

    /**
     * Hello name.
     * @member {string} name
     * @memberof Hello
     * @instance
     */
    Hello.prototype.name = "";

    /**
     * Hello instance.
     * @member {Uint8Array} instance
     * @memberof Hello
     * @instance
     */
    Hello.prototype.instance = $util.newBuffer([]);

    /**
     * Hello addresses.
     * @member {Array.<string>} addresses
     * @memberof Hello
     * @instance
     */
    Hello.prototype.addresses = $util.emptyArray;

    /**
     * Hello frameBytesMax.
     * @member {number} frameBytesMax
     * @memberof Hello
     * @instance
     */
    Hello.prototype.frameBytesMax = 0;

    /**
     * Hello features.
     * @member {Array.<Feature.$Properties>} features
     * @memberof Hello
     * @instance
     */
    Hello.prototype.features = $util.emptyArray;

    /**
     * Encodes the specified Hello message. Does not implicitly {@link Hello.verify|verify} messages.
     * @function encode
     * @memberof Hello
     * @static
     * @param {Hello.$Properties} message Hello message or plain object to encode
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
        if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.version);
        if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
            writer.uint32(/* id 2, wireType 2 =*/18).string(message.name);
        if (message.instance != null && $Object.hasOwnProperty.call(message, "instance") && message.instance.length)
            writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.instance);
        if (message.addresses != null && message.addresses.length)
            for (let i = 0; i < message.addresses.length; ++i)
                writer.uint32(/* id 4, wireType 2 =*/34).string(message.addresses[i]);
        if (message.frameBytesMax != null && $Object.hasOwnProperty.call(message, "frameBytesMax") && message.frameBytesMax !== 0)
            writer.uint32(/* id 5, wireType 0 =*/40).uint32(message.frameBytesMax);
        if (message.features != null && message.features.length)
            for (let i = 0; i < message.features.length; ++i)
                $root.Feature.encode(message.features[i], writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Hello message from the specified reader or buffer.
     * @function decode
     * @memberof Hello
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Hello & Hello.$Shape} Hello
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
        message = _target || new $root.Hello();
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
                        message.version = value;
                    else
                        delete message.version;
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.name = value;
                    else
                        delete message.name;
                    continue;
                }
            case 3: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.instance = value;
                    else
                        delete message.instance;
                    continue;
                }
            case 4: {
                    if (wireType !== 2)
                        break;
                    if (!(message.addresses && message.addresses.length))
                        message.addresses = [];
                    message.addresses.push(reader.stringVerify());
                    continue;
                }
            case 5: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.frameBytesMax = value;
                    else
                        delete message.frameBytesMax;
                    continue;
                }
            case 6: {
                    if (wireType !== 2)
                        break;
                    if (!(message.features && message.features.length))
                        message.features = [];
                    message.features.push($root.Feature.decode(reader, reader.size(), $undefined, _depth + 1));
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

export const AuthRequest = $root.AuthRequest = (() => {

    /**
     * Properties of an AuthRequest.
     * @typedef {Object} AuthRequest.$Properties
     * @property {string|null} [method] AuthRequest method
     * @property {Uint8Array|null} [payload] AuthRequest payload
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an AuthRequest.
     * @exports IAuthRequest
     * @interface IAuthRequest
     * @augments AuthRequest.$Properties
     * @deprecated Use AuthRequest.$Properties instead.
     */

    /**
     * Shape of an AuthRequest.
     * @typedef {AuthRequest.$Properties} AuthRequest.$Shape
     */

    /**
     * Constructs a new AuthRequest.
     * @exports AuthRequest
     * @classdesc Represents an AuthRequest.
     * @constructor
     * @param {AuthRequest.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const AuthRequest = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * AuthRequest method.
     * @member {string} method
     * @memberof AuthRequest
     * @instance
     */
    AuthRequest.prototype.method = "";

    /**
     * AuthRequest payload.
     * @member {Uint8Array} payload
     * @memberof AuthRequest
     * @instance
     */
    AuthRequest.prototype.payload = $util.newBuffer([]);

    /**
     * Encodes the specified AuthRequest message. Does not implicitly {@link AuthRequest.verify|verify} messages.
     * @function encode
     * @memberof AuthRequest
     * @static
     * @param {AuthRequest.$Properties} message AuthRequest message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    AuthRequest.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.method != null && $Object.hasOwnProperty.call(message, "method") && message.method !== "")
            writer.uint32(/* id 1, wireType 2 =*/10).string(message.method);
        if (message.payload != null && $Object.hasOwnProperty.call(message, "payload") && message.payload.length)
            writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.payload);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes an AuthRequest message from the specified reader or buffer.
     * @function decode
     * @memberof AuthRequest
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {AuthRequest & AuthRequest.$Shape} AuthRequest
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    AuthRequest.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.AuthRequest();
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
                        message.method = value;
                    else
                        delete message.method;
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.payload = value;
                    else
                        delete message.payload;
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

    return AuthRequest;
})();

export const AuthChallenge = $root.AuthChallenge = (() => {

    /**
     * Properties of an AuthChallenge.
     * @typedef {Object} AuthChallenge.$Properties
     * @property {Uint8Array|null} [payload] AuthChallenge payload
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an AuthChallenge.
     * @exports IAuthChallenge
     * @interface IAuthChallenge
     * @augments AuthChallenge.$Properties
     * @deprecated Use AuthChallenge.$Properties instead.
     */

    /**
     * Shape of an AuthChallenge.
     * @typedef {AuthChallenge.$Properties} AuthChallenge.$Shape
     */

    /**
     * Constructs a new AuthChallenge.
     * @exports AuthChallenge
     * @classdesc Represents an AuthChallenge.
     * @constructor
     * @param {AuthChallenge.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const AuthChallenge = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * AuthChallenge payload.
     * @member {Uint8Array} payload
     * @memberof AuthChallenge
     * @instance
     */
    AuthChallenge.prototype.payload = $util.newBuffer([]);

    /**
     * Encodes the specified AuthChallenge message. Does not implicitly {@link AuthChallenge.verify|verify} messages.
     * @function encode
     * @memberof AuthChallenge
     * @static
     * @param {AuthChallenge.$Properties} message AuthChallenge message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    AuthChallenge.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.payload != null && $Object.hasOwnProperty.call(message, "payload") && message.payload.length)
            writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.payload);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes an AuthChallenge message from the specified reader or buffer.
     * @function decode
     * @memberof AuthChallenge
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {AuthChallenge & AuthChallenge.$Shape} AuthChallenge
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    AuthChallenge.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.AuthChallenge();
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
                    if ((value = reader.bytes()).length)
                        message.payload = value;
                    else
                        delete message.payload;
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

    return AuthChallenge;
})();

export const AuthResponse = $root.AuthResponse = (() => {

    /**
     * Properties of an AuthResponse.
     * @typedef {Object} AuthResponse.$Properties
     * @property {Uint8Array|null} [payload] AuthResponse payload
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an AuthResponse.
     * @exports IAuthResponse
     * @interface IAuthResponse
     * @augments AuthResponse.$Properties
     * @deprecated Use AuthResponse.$Properties instead.
     */

    /**
     * Shape of an AuthResponse.
     * @typedef {AuthResponse.$Properties} AuthResponse.$Shape
     */

    /**
     * Constructs a new AuthResponse.
     * @exports AuthResponse
     * @classdesc Represents an AuthResponse.
     * @constructor
     * @param {AuthResponse.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const AuthResponse = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * AuthResponse payload.
     * @member {Uint8Array} payload
     * @memberof AuthResponse
     * @instance
     */
    AuthResponse.prototype.payload = $util.newBuffer([]);

    /**
     * Encodes the specified AuthResponse message. Does not implicitly {@link AuthResponse.verify|verify} messages.
     * @function encode
     * @memberof AuthResponse
     * @static
     * @param {AuthResponse.$Properties} message AuthResponse message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    AuthResponse.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.payload != null && $Object.hasOwnProperty.call(message, "payload") && message.payload.length)
            writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.payload);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes an AuthResponse message from the specified reader or buffer.
     * @function decode
     * @memberof AuthResponse
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {AuthResponse & AuthResponse.$Shape} AuthResponse
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    AuthResponse.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.AuthResponse();
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
                    if ((value = reader.bytes()).length)
                        message.payload = value;
                    else
                        delete message.payload;
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

    return AuthResponse;
})();

export const AuthDone = $root.AuthDone = (() => {

    /**
     * Properties of an AuthDone.
     * @typedef {Object} AuthDone.$Properties
     * @property {Uint8Array|null} [payload] AuthDone payload
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an AuthDone.
     * @exports IAuthDone
     * @interface IAuthDone
     * @augments AuthDone.$Properties
     * @deprecated Use AuthDone.$Properties instead.
     */

    /**
     * Shape of an AuthDone.
     * @typedef {AuthDone.$Properties} AuthDone.$Shape
     */

    /**
     * Constructs a new AuthDone.
     * @exports AuthDone
     * @classdesc Represents an AuthDone.
     * @constructor
     * @param {AuthDone.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const AuthDone = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * AuthDone payload.
     * @member {Uint8Array} payload
     * @memberof AuthDone
     * @instance
     */
    AuthDone.prototype.payload = $util.newBuffer([]);

    /**
     * Encodes the specified AuthDone message. Does not implicitly {@link AuthDone.verify|verify} messages.
     * @function encode
     * @memberof AuthDone
     * @static
     * @param {AuthDone.$Properties} message AuthDone message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    AuthDone.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.payload != null && $Object.hasOwnProperty.call(message, "payload") && message.payload.length)
            writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.payload);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes an AuthDone message from the specified reader or buffer.
     * @function decode
     * @memberof AuthDone
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {AuthDone & AuthDone.$Shape} AuthDone
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    AuthDone.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.AuthDone();
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
                    if ((value = reader.bytes()).length)
                        message.payload = value;
                    else
                        delete message.payload;
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

    return AuthDone;
})();

export const AuthRejected = $root.AuthRejected = (() => {

    /**
     * Properties of an AuthRejected.
     * @typedef {Object} AuthRejected.$Properties
     * @property {string|null} [reason] AuthRejected reason
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an AuthRejected.
     * @exports IAuthRejected
     * @interface IAuthRejected
     * @augments AuthRejected.$Properties
     * @deprecated Use AuthRejected.$Properties instead.
     */

    /**
     * Shape of an AuthRejected.
     * @typedef {AuthRejected.$Properties} AuthRejected.$Shape
     */

    /**
     * Constructs a new AuthRejected.
     * @exports AuthRejected
     * @classdesc Represents an AuthRejected.
     * @constructor
     * @param {AuthRejected.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const AuthRejected = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * AuthRejected reason.
     * @member {string} reason
     * @memberof AuthRejected
     * @instance
     */
    AuthRejected.prototype.reason = "";

    /**
     * Encodes the specified AuthRejected message. Does not implicitly {@link AuthRejected.verify|verify} messages.
     * @function encode
     * @memberof AuthRejected
     * @static
     * @param {AuthRejected.$Properties} message AuthRejected message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    AuthRejected.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
            writer.uint32(/* id 1, wireType 2 =*/10).string(message.reason);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes an AuthRejected message from the specified reader or buffer.
     * @function decode
     * @memberof AuthRejected
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {AuthRejected & AuthRejected.$Shape} AuthRejected
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    AuthRejected.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.AuthRejected();
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
                        message.reason = value;
                    else
                        delete message.reason;
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

    return AuthRejected;
})();

export const Resume = $root.Resume = (() => {

    /**
     * Properties of a Resume.
     * @typedef {Object} Resume.$Properties
     * @property {Uint8Array|null} [id] Resume id
     * @property {Array.<Marks.$Properties>|null} [marks] Resume marks
     * @property {Marks.$Properties|null} [control] Resume control
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Resume.
     * @exports IResume
     * @interface IResume
     * @augments Resume.$Properties
     * @deprecated Use Resume.$Properties instead.
     */

    /**
     * Shape of a Resume.
     * @typedef {Resume.$Properties} Resume.$Shape
     */

    /**
     * Constructs a new Resume.
     * @exports Resume
     * @classdesc Represents a Resume.
     * @constructor
     * @param {Resume.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Resume = function (properties) {
        this.marks = [];
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Resume id.
     * @member {Uint8Array} id
     * @memberof Resume
     * @instance
     */
    Resume.prototype.id = $util.newBuffer([]);

    /**
     * Resume marks.
     * @member {Array.<Marks.$Properties>} marks
     * @memberof Resume
     * @instance
     */
    Resume.prototype.marks = $util.emptyArray;

    /**
     * Resume control.
     * @member {Marks.$Properties|null|undefined} control
     * @memberof Resume
     * @instance
     */
    Resume.prototype.control = null;

    /**
     * Encodes the specified Resume message. Does not implicitly {@link Resume.verify|verify} messages.
     * @function encode
     * @memberof Resume
     * @static
     * @param {Resume.$Properties} message Resume message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Resume.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id.length)
            writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.id);
        if (message.marks != null && message.marks.length)
            for (let i = 0; i < message.marks.length; ++i)
                $root.Marks.encode(message.marks[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
        if (message.control != null && $Object.hasOwnProperty.call(message, "control"))
            $root.Marks.encode(message.control, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Resume message from the specified reader or buffer.
     * @function decode
     * @memberof Resume
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Resume & Resume.$Shape} Resume
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Resume.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Resume();
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
                    if ((value = reader.bytes()).length)
                        message.id = value;
                    else
                        delete message.id;
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    if (!(message.marks && message.marks.length))
                        message.marks = [];
                    message.marks.push($root.Marks.decode(reader, reader.size(), $undefined, _depth + 1));
                    continue;
                }
            case 3: {
                    if (wireType !== 2)
                        break;
                    message.control = $root.Marks.decode(reader, reader.size(), $undefined, _depth + 1, message.control);
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

    return Resume;
})();

export const Open = $root.Open = (() => {

    /**
     * Properties of an Open.
     * @typedef {Object} Open.$Properties
     * @property {Ballot.$Properties|null} [ballot] Open ballot
     * @property {number|null} [channel] Open channel
     * @property {Policy|null} [policy] Open policy
     * @property {Uint8Array|null} [fresh] Open fresh
     * @property {Array.<Resume.$Properties>|null} [resume] Open resume
     * @property {Grant.$Properties|null} [grant] Open grant
     * @property {Side|null} [counted] Open counted
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an Open.
     * @exports IOpen
     * @interface IOpen
     * @augments Open.$Properties
     * @deprecated Use Open.$Properties instead.
     */

    /**
     * Shape of an Open.
     * @typedef {Open.$Properties} Open.$Shape
     */

    /**
     * Constructs a new Open.
     * @exports Open
     * @classdesc Represents an Open.
     * @constructor
     * @param {Open.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Open = function (properties) {
        this.resume = [];
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Open ballot.
     * @member {Ballot.$Properties|null|undefined} ballot
     * @memberof Open
     * @instance
     */
    Open.prototype.ballot = null;

    /**
     * Open channel.
     * @member {number} channel
     * @memberof Open
     * @instance
     */
    Open.prototype.channel = 0;

    /**
     * Open policy.
     * @member {Policy} policy
     * @memberof Open
     * @instance
     */
    Open.prototype.policy = 0;

    /**
     * Open fresh.
     * @member {Uint8Array} fresh
     * @memberof Open
     * @instance
     */
    Open.prototype.fresh = $util.newBuffer([]);

    /**
     * Open resume.
     * @member {Array.<Resume.$Properties>} resume
     * @memberof Open
     * @instance
     */
    Open.prototype.resume = $util.emptyArray;

    /**
     * Open grant.
     * @member {Grant.$Properties|null|undefined} grant
     * @memberof Open
     * @instance
     */
    Open.prototype.grant = null;

    /**
     * Open counted.
     * @member {Side} counted
     * @memberof Open
     * @instance
     */
    Open.prototype.counted = 0;

    /**
     * Encodes the specified Open message. Does not implicitly {@link Open.verify|verify} messages.
     * @function encode
     * @memberof Open
     * @static
     * @param {Open.$Properties} message Open message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Open.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.ballot != null && $Object.hasOwnProperty.call(message, "ballot"))
            $root.Ballot.encode(message.ballot, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
        if (message.channel != null && $Object.hasOwnProperty.call(message, "channel") && message.channel !== 0)
            writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.channel);
        if (message.policy != null && $Object.hasOwnProperty.call(message, "policy") && message.policy !== 0)
            writer.uint32(/* id 3, wireType 0 =*/24).int32(message.policy);
        if (message.fresh != null && $Object.hasOwnProperty.call(message, "fresh") && message.fresh.length)
            writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.fresh);
        if (message.resume != null && message.resume.length)
            for (let i = 0; i < message.resume.length; ++i)
                $root.Resume.encode(message.resume[i], writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
        if (message.grant != null && $Object.hasOwnProperty.call(message, "grant"))
            $root.Grant.encode(message.grant, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
        if (message.counted != null && $Object.hasOwnProperty.call(message, "counted") && message.counted !== 0)
            writer.uint32(/* id 7, wireType 0 =*/56).int32(message.counted);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes an Open message from the specified reader or buffer.
     * @function decode
     * @memberof Open
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Open & Open.$Shape} Open
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Open.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Open();
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
                    message.ballot = $root.Ballot.decode(reader, reader.size(), $undefined, _depth + 1, message.ballot);
                    continue;
                }
            case 2: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.channel = value;
                    else
                        delete message.channel;
                    continue;
                }
            case 3: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.int32())
                        message.policy = value;
                    else
                        delete message.policy;
                    continue;
                }
            case 4: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.bytes()).length)
                        message.fresh = value;
                    else
                        delete message.fresh;
                    continue;
                }
            case 5: {
                    if (wireType !== 2)
                        break;
                    if (!(message.resume && message.resume.length))
                        message.resume = [];
                    message.resume.push($root.Resume.decode(reader, reader.size(), $undefined, _depth + 1));
                    continue;
                }
            case 6: {
                    if (wireType !== 2)
                        break;
                    message.grant = $root.Grant.decode(reader, reader.size(), $undefined, _depth + 1, message.grant);
                    continue;
                }
            case 7: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.int32())
                        message.counted = value;
                    else
                        delete message.counted;
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

    return Open;
})();

export const Opened = $root.Opened = (() => {

    /**
     * Properties of an Opened.
     * @typedef {Object} Opened.$Properties
     * @property {Uint8Array|null} [id] Opened id
     * @property {boolean|null} [resumed] Opened resumed
     * @property {Array.<Marks.$Properties>|null} [marks] Opened marks
     * @property {Policy|null} [policy] Opened policy
     * @property {Grant.$Properties|null} [grant] Opened grant
     * @property {number|null} [checksum] Opened checksum
     * @property {Marks.$Properties|null} [control] Opened control
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an Opened.
     * @exports IOpened
     * @interface IOpened
     * @augments Opened.$Properties
     * @deprecated Use Opened.$Properties instead.
     */

    /**
     * Shape of an Opened.
     * @typedef {Opened.$Properties} Opened.$Shape
     */

    /**
     * Constructs a new Opened.
     * @exports Opened
     * @classdesc Represents an Opened.
     * @constructor
     * @param {Opened.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Opened = function (properties) {
        this.marks = [];
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Opened id.
     * @member {Uint8Array} id
     * @memberof Opened
     * @instance
     */
    Opened.prototype.id = $util.newBuffer([]);

    /**
     * Opened resumed.
     * @member {boolean} resumed
     * @memberof Opened
     * @instance
     */
    Opened.prototype.resumed = false;

    /**
     * Opened marks.
     * @member {Array.<Marks.$Properties>} marks
     * @memberof Opened
     * @instance
     */
    Opened.prototype.marks = $util.emptyArray;

    /**
     * Opened policy.
     * @member {Policy} policy
     * @memberof Opened
     * @instance
     */
    Opened.prototype.policy = 0;

    /**
     * Opened grant.
     * @member {Grant.$Properties|null|undefined} grant
     * @memberof Opened
     * @instance
     */
    Opened.prototype.grant = null;

    /**
     * Opened checksum.
     * @member {number} checksum
     * @memberof Opened
     * @instance
     */
    Opened.prototype.checksum = 0;

    /**
     * Opened control.
     * @member {Marks.$Properties|null|undefined} control
     * @memberof Opened
     * @instance
     */
    Opened.prototype.control = null;

    /**
     * Encodes the specified Opened message. Does not implicitly {@link Opened.verify|verify} messages.
     * @function encode
     * @memberof Opened
     * @static
     * @param {Opened.$Properties} message Opened message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Opened.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.id != null && $Object.hasOwnProperty.call(message, "id") && message.id.length)
            writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.id);
        if (message.resumed != null && $Object.hasOwnProperty.call(message, "resumed") && message.resumed !== false)
            writer.uint32(/* id 2, wireType 0 =*/16).bool(message.resumed);
        if (message.marks != null && message.marks.length)
            for (let i = 0; i < message.marks.length; ++i)
                $root.Marks.encode(message.marks[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
        if (message.policy != null && $Object.hasOwnProperty.call(message, "policy") && message.policy !== 0)
            writer.uint32(/* id 4, wireType 0 =*/32).int32(message.policy);
        if (message.grant != null && $Object.hasOwnProperty.call(message, "grant"))
            $root.Grant.encode(message.grant, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
        if (message.checksum != null && $Object.hasOwnProperty.call(message, "checksum") && message.checksum !== 0)
            writer.uint32(/* id 6, wireType 0 =*/48).uint32(message.checksum);
        if (message.control != null && $Object.hasOwnProperty.call(message, "control"))
            $root.Marks.encode(message.control, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes an Opened message from the specified reader or buffer.
     * @function decode
     * @memberof Opened
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Opened & Opened.$Shape} Opened
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Opened.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Opened();
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
                    if ((value = reader.bytes()).length)
                        message.id = value;
                    else
                        delete message.id;
                    continue;
                }
            case 2: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.bool())
                        message.resumed = value;
                    else
                        delete message.resumed;
                    continue;
                }
            case 3: {
                    if (wireType !== 2)
                        break;
                    if (!(message.marks && message.marks.length))
                        message.marks = [];
                    message.marks.push($root.Marks.decode(reader, reader.size(), $undefined, _depth + 1));
                    continue;
                }
            case 4: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.int32())
                        message.policy = value;
                    else
                        delete message.policy;
                    continue;
                }
            case 5: {
                    if (wireType !== 2)
                        break;
                    message.grant = $root.Grant.decode(reader, reader.size(), $undefined, _depth + 1, message.grant);
                    continue;
                }
            case 6: {
                    if (wireType !== 0)
                        break;
                    if (value = reader.uint32())
                        message.checksum = value;
                    else
                        delete message.checksum;
                    continue;
                }
            case 7: {
                    if (wireType !== 2)
                        break;
                    message.control = $root.Marks.decode(reader, reader.size(), $undefined, _depth + 1, message.control);
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

    return Opened;
})();

export const Confirm = $root.Confirm = (() => {

    /**
     * Properties of a Confirm.
     * @typedef {Object} Confirm.$Properties
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Confirm.
     * @exports IConfirm
     * @interface IConfirm
     * @augments Confirm.$Properties
     * @deprecated Use Confirm.$Properties instead.
     */

    /**
     * Shape of a Confirm.
     * @typedef {Confirm.$Properties} Confirm.$Shape
     */

    /**
     * Constructs a new Confirm.
     * @exports Confirm
     * @classdesc Represents a Confirm.
     * @constructor
     * @param {Confirm.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Confirm = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Encodes the specified Confirm message. Does not implicitly {@link Confirm.verify|verify} messages.
     * @function encode
     * @memberof Confirm
     * @static
     * @param {Confirm.$Properties} message Confirm message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Confirm.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Confirm message from the specified reader or buffer.
     * @function decode
     * @memberof Confirm
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Confirm & Confirm.$Shape} Confirm
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Confirm.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Confirm();
        while (reader.pos < end) {
            let start = reader.pos;
            let tag = reader.tag();
            if (tag === _end) {
                _end = $undefined;
                break;
            }
            reader.skipType(tag & 7, _depth, tag);
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

    return Confirm;
})();

export const Yield = $root.Yield = (() => {

    /**
     * Properties of a Yield.
     * @typedef {Object} Yield.$Properties
     * @property {number|null} [epoch] Yield epoch
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Yield.
     * @exports IYield
     * @interface IYield
     * @augments Yield.$Properties
     * @deprecated Use Yield.$Properties instead.
     */

    /**
     * Shape of a Yield.
     * @typedef {Yield.$Properties} Yield.$Shape
     */

    /**
     * Constructs a new Yield.
     * @exports Yield
     * @classdesc Represents a Yield.
     * @constructor
     * @param {Yield.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Yield = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Yield epoch.
     * @member {number} epoch
     * @memberof Yield
     * @instance
     */
    Yield.prototype.epoch = 0;

    /**
     * Encodes the specified Yield message. Does not implicitly {@link Yield.verify|verify} messages.
     * @function encode
     * @memberof Yield
     * @static
     * @param {Yield.$Properties} message Yield message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Yield.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.epoch);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Yield message from the specified reader or buffer.
     * @function decode
     * @memberof Yield
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Yield & Yield.$Shape} Yield
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Yield.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Yield();
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
                        message.epoch = value;
                    else
                        delete message.epoch;
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

    return Yield;
})();

export const Reject = $root.Reject = (() => {

    /**
     * Properties of a Reject.
     * @typedef {Object} Reject.$Properties
     * @property {string|null} [code] Reject code
     * @property {string|null} [reason] Reject reason
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Reject.
     * @exports IReject
     * @interface IReject
     * @augments Reject.$Properties
     * @deprecated Use Reject.$Properties instead.
     */

    /**
     * Shape of a Reject.
     * @typedef {Reject.$Properties} Reject.$Shape
     */

    /**
     * Constructs a new Reject.
     * @exports Reject
     * @classdesc Represents a Reject.
     * @constructor
     * @param {Reject.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Reject = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Reject code.
     * @member {string} code
     * @memberof Reject
     * @instance
     */
    Reject.prototype.code = "";

    /**
     * Reject reason.
     * @member {string} reason
     * @memberof Reject
     * @instance
     */
    Reject.prototype.reason = "";

    /**
     * Encodes the specified Reject message. Does not implicitly {@link Reject.verify|verify} messages.
     * @function encode
     * @memberof Reject
     * @static
     * @param {Reject.$Properties} message Reject message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Reject.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== "")
            writer.uint32(/* id 1, wireType 2 =*/10).string(message.code);
        if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
            writer.uint32(/* id 2, wireType 2 =*/18).string(message.reason);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Reject message from the specified reader or buffer.
     * @function decode
     * @memberof Reject
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Reject & Reject.$Shape} Reject
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Reject.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Reject();
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
                        message.code = value;
                    else
                        delete message.code;
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

    return Reject;
})();

export const Ack = $root.Ack = (() => {

    /**
     * Properties of an Ack.
     * @typedef {Object} Ack.$Properties
     * @property {Array.<Marks.$Properties>|null} [marks] Ack marks
     * @property {Budget.$Properties|null} [credit] Ack credit
     * @property {Marks.$Properties|null} [control] Ack control
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of an Ack.
     * @exports IAck
     * @interface IAck
     * @augments Ack.$Properties
     * @deprecated Use Ack.$Properties instead.
     */

    /**
     * Shape of an Ack.
     * @typedef {Ack.$Properties} Ack.$Shape
     */

    /**
     * Constructs a new Ack.
     * @exports Ack
     * @classdesc Represents an Ack.
     * @constructor
     * @param {Ack.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Ack = function (properties) {
        this.marks = [];
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Ack marks.
     * @member {Array.<Marks.$Properties>} marks
     * @memberof Ack
     * @instance
     */
    Ack.prototype.marks = $util.emptyArray;

    /**
     * Ack credit.
     * @member {Budget.$Properties|null|undefined} credit
     * @memberof Ack
     * @instance
     */
    Ack.prototype.credit = null;

    /**
     * Ack control.
     * @member {Marks.$Properties|null|undefined} control
     * @memberof Ack
     * @instance
     */
    Ack.prototype.control = null;

    /**
     * Encodes the specified Ack message. Does not implicitly {@link Ack.verify|verify} messages.
     * @function encode
     * @memberof Ack
     * @static
     * @param {Ack.$Properties} message Ack message or plain object to encode
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
        if (message.marks != null && message.marks.length)
            for (let i = 0; i < message.marks.length; ++i)
                $root.Marks.encode(message.marks[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
        if (message.credit != null && $Object.hasOwnProperty.call(message, "credit"))
            $root.Budget.encode(message.credit, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
        if (message.control != null && $Object.hasOwnProperty.call(message, "control"))
            $root.Marks.encode(message.control, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes an Ack message from the specified reader or buffer.
     * @function decode
     * @memberof Ack
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Ack & Ack.$Shape} Ack
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
        message = _target || new $root.Ack();
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
                    if (!(message.marks && message.marks.length))
                        message.marks = [];
                    message.marks.push($root.Marks.decode(reader, reader.size(), $undefined, _depth + 1));
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    message.credit = $root.Budget.decode(reader, reader.size(), $undefined, _depth + 1, message.credit);
                    continue;
                }
            case 3: {
                    if (wireType !== 2)
                        break;
                    message.control = $root.Marks.decode(reader, reader.size(), $undefined, _depth + 1, message.control);
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

export const Keepalive = $root.Keepalive = (() => {

    /**
     * Properties of a Keepalive.
     * @typedef {Object} Keepalive.$Properties
     * @property {Sequence.$Properties|null} [token] Keepalive token
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Keepalive.
     * @exports IKeepalive
     * @interface IKeepalive
     * @augments Keepalive.$Properties
     * @deprecated Use Keepalive.$Properties instead.
     */

    /**
     * Shape of a Keepalive.
     * @typedef {Keepalive.$Properties} Keepalive.$Shape
     */

    /**
     * Constructs a new Keepalive.
     * @exports Keepalive
     * @classdesc Represents a Keepalive.
     * @constructor
     * @param {Keepalive.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Keepalive = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Keepalive token.
     * @member {Sequence.$Properties|null|undefined} token
     * @memberof Keepalive
     * @instance
     */
    Keepalive.prototype.token = null;

    /**
     * Encodes the specified Keepalive message. Does not implicitly {@link Keepalive.verify|verify} messages.
     * @function encode
     * @memberof Keepalive
     * @static
     * @param {Keepalive.$Properties} message Keepalive message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Keepalive.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.token != null && $Object.hasOwnProperty.call(message, "token"))
            $root.Sequence.encode(message.token, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Keepalive message from the specified reader or buffer.
     * @function decode
     * @memberof Keepalive
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Keepalive & Keepalive.$Shape} Keepalive
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Keepalive.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Keepalive();
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
                    message.token = $root.Sequence.decode(reader, reader.size(), $undefined, _depth + 1, message.token);
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

    return Keepalive;
})();

export const KeepaliveAck = $root.KeepaliveAck = (() => {

    /**
     * Properties of a KeepaliveAck.
     * @typedef {Object} KeepaliveAck.$Properties
     * @property {Sequence.$Properties|null} [token] KeepaliveAck token
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a KeepaliveAck.
     * @exports IKeepaliveAck
     * @interface IKeepaliveAck
     * @augments KeepaliveAck.$Properties
     * @deprecated Use KeepaliveAck.$Properties instead.
     */

    /**
     * Shape of a KeepaliveAck.
     * @typedef {KeepaliveAck.$Properties} KeepaliveAck.$Shape
     */

    /**
     * Constructs a new KeepaliveAck.
     * @exports KeepaliveAck
     * @classdesc Represents a KeepaliveAck.
     * @constructor
     * @param {KeepaliveAck.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const KeepaliveAck = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * KeepaliveAck token.
     * @member {Sequence.$Properties|null|undefined} token
     * @memberof KeepaliveAck
     * @instance
     */
    KeepaliveAck.prototype.token = null;

    /**
     * Encodes the specified KeepaliveAck message. Does not implicitly {@link KeepaliveAck.verify|verify} messages.
     * @function encode
     * @memberof KeepaliveAck
     * @static
     * @param {KeepaliveAck.$Properties} message KeepaliveAck message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    KeepaliveAck.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.token != null && $Object.hasOwnProperty.call(message, "token"))
            $root.Sequence.encode(message.token, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a KeepaliveAck message from the specified reader or buffer.
     * @function decode
     * @memberof KeepaliveAck
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {KeepaliveAck & KeepaliveAck.$Shape} KeepaliveAck
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    KeepaliveAck.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.KeepaliveAck();
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
                    message.token = $root.Sequence.decode(reader, reader.size(), $undefined, _depth + 1, message.token);
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

    return KeepaliveAck;
})();

export const Goodbye = $root.Goodbye = (() => {

    /**
     * Properties of a Goodbye.
     * @typedef {Object} Goodbye.$Properties
     * @property {string|null} [reason] Goodbye reason
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Goodbye.
     * @exports IGoodbye
     * @interface IGoodbye
     * @augments Goodbye.$Properties
     * @deprecated Use Goodbye.$Properties instead.
     */

    /**
     * Shape of a Goodbye.
     * @typedef {Goodbye.$Properties} Goodbye.$Shape
     */

    /**
     * Constructs a new Goodbye.
     * @exports Goodbye
     * @classdesc Represents a Goodbye.
     * @constructor
     * @param {Goodbye.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Goodbye = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Goodbye reason.
     * @member {string} reason
     * @memberof Goodbye
     * @instance
     */
    Goodbye.prototype.reason = "";

    /**
     * Encodes the specified Goodbye message. Does not implicitly {@link Goodbye.verify|verify} messages.
     * @function encode
     * @memberof Goodbye
     * @static
     * @param {Goodbye.$Properties} message Goodbye message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Goodbye.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
            writer.uint32(/* id 1, wireType 2 =*/10).string(message.reason);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Goodbye message from the specified reader or buffer.
     * @function decode
     * @memberof Goodbye
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Goodbye & Goodbye.$Shape} Goodbye
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Goodbye.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Goodbye();
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
                        message.reason = value;
                    else
                        delete message.reason;
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

    return Goodbye;
})();

export const Failure = $root.Failure = (() => {

    /**
     * Properties of a Failure.
     * @typedef {Object} Failure.$Properties
     * @property {number|null} [lane] Failure lane
     * @property {Sequence.$Properties|null} [seq] Failure seq
     * @property {string|null} [code] Failure code
     * @property {string|null} [errorCode] Failure errorCode
     * @property {string|null} [reason] Failure reason
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Failure.
     * @exports IFailure
     * @interface IFailure
     * @augments Failure.$Properties
     * @deprecated Use Failure.$Properties instead.
     */

    /**
     * Shape of a Failure.
     * @typedef {Failure.$Properties} Failure.$Shape
     */

    /**
     * Constructs a new Failure.
     * @exports Failure
     * @classdesc Represents a Failure.
     * @constructor
     * @param {Failure.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Failure = function (properties) {
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Failure lane.
     * @member {number} lane
     * @memberof Failure
     * @instance
     */
    Failure.prototype.lane = 0;

    /**
     * Failure seq.
     * @member {Sequence.$Properties|null|undefined} seq
     * @memberof Failure
     * @instance
     */
    Failure.prototype.seq = null;

    /**
     * Failure code.
     * @member {string} code
     * @memberof Failure
     * @instance
     */
    Failure.prototype.code = "";

    /**
     * Failure errorCode.
     * @member {string} errorCode
     * @memberof Failure
     * @instance
     */
    Failure.prototype.errorCode = "";

    /**
     * Failure reason.
     * @member {string} reason
     * @memberof Failure
     * @instance
     */
    Failure.prototype.reason = "";

    /**
     * Encodes the specified Failure message. Does not implicitly {@link Failure.verify|verify} messages.
     * @function encode
     * @memberof Failure
     * @static
     * @param {Failure.$Properties} message Failure message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Failure.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.lane != null && $Object.hasOwnProperty.call(message, "lane") && message.lane !== 0)
            writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.lane);
        if (message.seq != null && $Object.hasOwnProperty.call(message, "seq"))
            $root.Sequence.encode(message.seq, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
        if (message.code != null && $Object.hasOwnProperty.call(message, "code") && message.code !== "")
            writer.uint32(/* id 3, wireType 2 =*/26).string(message.code);
        if (message.errorCode != null && $Object.hasOwnProperty.call(message, "errorCode") && message.errorCode !== "")
            writer.uint32(/* id 4, wireType 2 =*/34).string(message.errorCode);
        if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
            writer.uint32(/* id 5, wireType 2 =*/42).string(message.reason);
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Failure message from the specified reader or buffer.
     * @function decode
     * @memberof Failure
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Failure & Failure.$Shape} Failure
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Failure.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Failure();
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
                        message.lane = value;
                    else
                        delete message.lane;
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    message.seq = $root.Sequence.decode(reader, reader.size(), $undefined, _depth + 1, message.seq);
                    continue;
                }
            case 3: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.code = value;
                    else
                        delete message.code;
                    continue;
                }
            case 4: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.errorCode = value;
                    else
                        delete message.errorCode;
                    continue;
                }
            case 5: {
                    if (wireType !== 2)
                        break;
                    if ((value = reader.stringVerify()).length)
                        message.reason = value;
                    else
                        delete message.reason;
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

    return Failure;
})();

export const Failed = $root.Failed = (() => {

    /**
     * Properties of a Failed.
     * @typedef {Object} Failed.$Properties
     * @property {Sequence.$Properties|null} [first] Failed first
     * @property {Array.<Failure.$Properties>|null} [failures] Failed failures
     * @property {Sequence.$Properties|null} [taken] Failed taken
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */

    /**
     * Properties of a Failed.
     * @exports IFailed
     * @interface IFailed
     * @augments Failed.$Properties
     * @deprecated Use Failed.$Properties instead.
     */

    /**
     * Shape of a Failed.
     * @typedef {Failed.$Properties} Failed.$Shape
     */

    /**
     * Constructs a new Failed.
     * @exports Failed
     * @classdesc Represents a Failed.
     * @constructor
     * @param {Failed.$Properties=} [properties] Properties to set
     * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
     */
    const Failed = function (properties) {
        this.failures = [];
        if (properties)
            for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                if (properties[keys[i]] != null && keys[i] !== "__proto__")
                    this[keys[i]] = properties[keys[i]];
    };

    /**
     * Failed first.
     * @member {Sequence.$Properties|null|undefined} first
     * @memberof Failed
     * @instance
     */
    Failed.prototype.first = null;

    /**
     * Failed failures.
     * @member {Array.<Failure.$Properties>} failures
     * @memberof Failed
     * @instance
     */
    Failed.prototype.failures = $util.emptyArray;

    /**
     * Failed taken.
     * @member {Sequence.$Properties|null|undefined} taken
     * @memberof Failed
     * @instance
     */
    Failed.prototype.taken = null;

    /**
     * Encodes the specified Failed message. Does not implicitly {@link Failed.verify|verify} messages.
     * @function encode
     * @memberof Failed
     * @static
     * @param {Failed.$Properties} message Failed message or plain object to encode
     * @param {$protobuf.Writer} [writer] Writer to encode to
     * @returns {$protobuf.Writer} Writer
     */
    Failed.encode = function (message, writer, _depth) {
        if (!writer)
            writer = $Writer.create();
        if (_depth === $undefined)
            _depth = 0;
        if (_depth > $util.recursionLimit)
            throw $Error("max depth exceeded");
        if (message.first != null && $Object.hasOwnProperty.call(message, "first"))
            $root.Sequence.encode(message.first, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
        if (message.failures != null && message.failures.length)
            for (let i = 0; i < message.failures.length; ++i)
                $root.Failure.encode(message.failures[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
        if (message.taken != null && $Object.hasOwnProperty.call(message, "taken"))
            $root.Sequence.encode(message.taken, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
        if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
            for (let i = 0; i < message.$unknowns.length; ++i)
                writer.raw(message.$unknowns[i]);
        return writer;
    };

    /**
     * Decodes a Failed message from the specified reader or buffer.
     * @function decode
     * @memberof Failed
     * @static
     * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
     * @param {number} [length] Message length if known beforehand
     * @returns {Failed & Failed.$Shape} Failed
     * @throws {Error} If the payload is not a reader or valid buffer
     * @throws {$protobuf.util.ProtocolError} If required fields are missing
     */
    Failed.decode = function (reader, length, _end, _depth, _target) {
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
        message = _target || new $root.Failed();
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
                    message.first = $root.Sequence.decode(reader, reader.size(), $undefined, _depth + 1, message.first);
                    continue;
                }
            case 2: {
                    if (wireType !== 2)
                        break;
                    if (!(message.failures && message.failures.length))
                        message.failures = [];
                    message.failures.push($root.Failure.decode(reader, reader.size(), $undefined, _depth + 1));
                    continue;
                }
            case 3: {
                    if (wireType !== 2)
                        break;
                    message.taken = $root.Sequence.decode(reader, reader.size(), $undefined, _depth + 1, message.taken);
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

    return Failed;
})();

export {
  $root as default
};
