//! Which push services the portal talks to.
//!
//! A browser says itself where it is told, and whoever is signed in can say anything: without this list, the portal would call any
//! address of the network it stands in.

use std::str::FromStr;

use url::{Host, Url};

/// The push services of the browsers that there are (Chrome and Edge on Android, Firefox, Safari, Edge on Windows).
const KNOWN: &str = "fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,*.notify.windows.com";

/// Longest address of a device, in characters. Those of the known services have about 200.
const ADDRESS_MAX: usize = 1_000;

/// The push services that are allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushServices(Vec<Service>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Service {
    /// This host, over https, at its usual port.
    Host(String),
    /// Every host of this domain, likewise.
    Of(String),
    /// A service on this machine, over http: a test's.
    Here(String, u16),
}

/// Not a list of push services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("name push services by host, such as push.example or *.push.example; on this machine as http://127.0.0.1:PORT")]
pub struct ServiceFault;

impl Default for PushServices {
    fn default() -> Self {
        // What stands above can be read: a test says so.
        KNOWN.parse().unwrap_or(Self(Vec::new()))
    }
}

impl FromStr for PushServices {
    type Err = ServiceFault;

    fn from_str(text: &str) -> Result<Self, ServiceFault> {
        text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(service).collect::<Result<_, _>>().map(Self)
    }
}

fn service(text: &str) -> Result<Service, ServiceFault> {
    if let Some(rest) = text.strip_prefix("http://127.0.0.1:") {
        return rest.parse().map(|port| Service::Here("127.0.0.1".to_owned(), port)).map_err(|_| ServiceFault);
    }
    let (domain, is_whole) = text.strip_prefix("*.").map_or((text, true), |domain| (domain, false));
    let is_name = domain.contains('.') && domain.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
    match Host::parse(domain) {
        Ok(Host::Domain(name)) if is_name => Ok(if is_whole { Service::Host(name) } else { Service::Of(name) }),
        _ => Err(ServiceFault),
    }
}

impl PushServices {
    /// Reads the address of a device. `None`: it is at no service that is allowed.
    pub fn address(&self, text: &str) -> Option<Url> {
        if text.len() > ADDRESS_MAX {
            return None;
        }
        let url = Url::parse(text).ok()?;
        // What is read must be what is called: no other spelling, and nobody's name and password on the way.
        if url.as_str() != text || !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
            return None;
        }
        self.0.iter().any(|service| service.is_at(&url)).then_some(url)
    }
}

impl Service {
    fn is_at(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let is_usual = url.scheme() == "https" && url.port().is_none();
        match self {
            Self::Host(name) => is_usual && host == name,
            Self::Of(domain) => is_usual && host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            Self::Here(name, port) => url.scheme() == "http" && host == name && url.port() == Some(*port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_services_are_called() {
        let services = PushServices::default();
        assert_eq!(services.0.len(), 4);
        for good in [
            "https://fcm.googleapis.com/fcm/send/a:b",
            "https://updates.push.services.mozilla.com/wpush/v2/a",
            "https://web.push.apple.com/a",
            "https://wns2-par02p.notify.windows.com/w/?token=a",
        ] {
            assert!(services.address(good).is_some(), "{good}");
        }
        for bad in [
            "http://fcm.googleapis.com/a",
            "https://fcm.googleapis.com:8443/a",
            "https://fcm.googleapis.com.example/a",
            "https://fcm.googleapis.com@example.com/a",
            "https://user@fcm.googleapis.com/a",
            "https://user:word@fcm.googleapis.com/a",
            "https://:word@fcm.googleapis.com/a",
            "https://fcm.googleapis.com/a#b",
            "https://FCM.googleapis.com/a",
            "https://fcm.googleapis.com/a/../b",
            "https://notify.windows.com/a",
            "https://.notify.windows.com/a",
            "https://evilnotify.windows.com/a",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/a",
            "https://127.0.0.1/a",
            "http://127.0.0.1:80/a",
            "https://localhost/a",
            "ftp://fcm.googleapis.com/a",
            "file:///etc/passwd",
            "fcm.googleapis.com/a",
            "",
        ] {
            assert!(services.address(bad).is_none(), "{bad}");
        }
        let long = format!("https://fcm.googleapis.com/{}", "a".repeat(ADDRESS_MAX));
        assert!(services.address(&long).is_none() && services.address(&long[..ADDRESS_MAX]).is_some());
    }

    #[test]
    fn http_is_for_a_service_on_this_machine_that_is_named() {
        let services: PushServices = "http://127.0.0.1:4000, push.example".parse().unwrap();
        assert!(services.address("http://127.0.0.1:4000/a").is_some() && services.address("https://push.example/a").is_some());
        for bad in ["http://127.0.0.1:4001/a", "https://127.0.0.1:4000/a", "http://push.example/a", "http://localhost:4000/a"] {
            assert!(services.address(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_service_is_a_host() {
        for bad in
            ["https://push.example", "push", "*", "*.com/a", "127.0.0.1", "[::1]", "http://127.0.0.1:x", "push.example:1", "a b.c"]
        {
            assert_eq!(bad.parse::<PushServices>(), Err(ServiceFault), "{bad}");
        }
        assert_eq!("".parse(), Ok(PushServices(Vec::new())), "none at all");
    }
}
