//! Crowd REST as the Atlassian applications call it.
