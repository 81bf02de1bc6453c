// The SQLSTATEs of BPT (class WF, BPT.md names) and what each means.
#pragma once
#include "pg/postgres.hpp"

namespace bpt {

constexpr int kAbortActivityChange =
	MAKE_SQLSTATE('W', 'F', '0', '0', '1'); // a callback refuses: expected, never logged
constexpr int kWrongState = MAKE_SQLSTATE('W', 'F', '0', '0', '2');
constexpr int kTakenByAnother = MAKE_SQLSTATE('W', 'F', '0', '0', '3');
constexpr int kNoSuchObject = MAKE_SQLSTATE('W', 'F', '0', '0', '4'); // or not visible to the caller
constexpr int kInvalidArguments = MAKE_SQLSTATE('W', 'F', '0', '0', '5');
constexpr int kSuspended = MAKE_SQLSTATE('W', 'F', '0', '0', '6');
constexpr int kInvalidDefinition = MAKE_SQLSTATE('W', 'F', '0', '0', '7');
constexpr int kMailRefused = ERRCODE_EXTERNAL_ROUTINE_EXCEPTION; // by the mail server, for good
constexpr int kFunctionOutOfDate = MAKE_SQLSTATE('W', 'F', '0', '0', '8');

} // namespace bpt
